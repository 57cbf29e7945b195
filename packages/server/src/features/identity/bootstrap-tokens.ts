import { hash, timingSafeEqual } from 'node:crypto'
import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'

/** A token that the deployment's settings bring along. */
export interface BootstrapToken {
  readonly token: string
  readonly tenant: string
  readonly label: string
  /** Permissions; absent: those of the role developer, and identity:tokens. */
  readonly scopes?: readonly string[]
  readonly producers?: readonly { readonly id: string; readonly product: string }[]
  /** Unix ms. */
  readonly expiresAt?: number
}

/** Finds who a token stands for. */
export interface BootstrapTokens {
  /** The actor of a token; null when it is none of ours. Throws `credential_expired`. */
  find(token: string): Actor | null
  /** The actor of a credential id that a session was opened with; null when it is gone or expired. */
  byCredential(id: string): Actor | null
}

const hashOf = (token: string) => hash('sha256', token, 'buffer')

/** The tokens of the settings. They are known by their hashes; the values are not kept. */
export function createBootstrapTokens(needs: {
  readonly tokens: readonly BootstrapToken[]
  readonly permissions: readonly string[]
  readonly now: () => number
}): BootstrapTokens {
  const { now } = needs
  const known = needs.tokens.map(({ token, tenant, label, scopes, producers, expiresAt }) => {
    const hash = hashOf(token)
    const actor: Actor = {
      tenant,
      principal: label,
      class: 'service',
      permissions: scopes ?? needs.permissions,
      ...(producers === undefined ? {} : { producers }),
      credential: `env-${hash.toString('hex').slice(0, 12)}`,
    }
    return { hash, actor, expiresAt: expiresAt ?? Number.POSITIVE_INFINITY }
  })
  return {
    find(token) {
      const hash = hashOf(token)
      const found = known.find((one) => timingSafeEqual(one.hash, hash))
      if (found === undefined) return null
      if (found.expiresAt <= now()) throw fault('credential_expired')
      return found.actor
    },
    byCredential: (id) =>
      known.find((one) => one.actor.credential === id && one.expiresAt > now())?.actor ?? null,
  }
}
