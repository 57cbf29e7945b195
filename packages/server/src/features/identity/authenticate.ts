import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import type { BootstrapTokens } from './bootstrap-tokens.ts'
import type { Sessions } from './sessions.ts'

/** What a request brought to say who it is. */
export interface Credential {
  readonly kind: 'bearer' | 'cookie'
  readonly value: string
}

/** Finds the actor of a credential, or throws why there is none. Never tries the next when one is bad. */
export type Authenticate = (credential: Credential) => Promise<Actor>

const cacheMs = 500

/** Bearer tokens from the settings and browser sessions. Sessions are remembered for half a second. */
export function createAuthenticate(needs: {
  readonly tokens: BootstrapTokens
  readonly sessions: Sessions
  readonly now: () => number
}): Authenticate {
  const { tokens, sessions, now } = needs
  const seen = new Map<string, { at: number; actor: Actor }>()
  return async ({ kind, value }) => {
    if (kind === 'bearer') {
      const actor = tokens.find(value)
      if (actor === null) throw fault('unauthenticated')
      return actor
    }
    const at = now()
    const known = seen.get(value)
    if (known !== undefined && at - known.at < cacheMs) return known.actor
    seen.delete(value)
    const found = await sessions.find(value)
    if (found === null) throw fault('unauthenticated')
    if (seen.size > 10_000) seen.clear()
    seen.set(value, { at, actor: found.actor })
    return found.actor
  }
}
