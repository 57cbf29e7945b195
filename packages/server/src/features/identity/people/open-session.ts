import { fault } from '@quarterdeck/sdk/errors'
import type { From, Reply } from '../../../core/perform.ts'
import type { ActorNow } from '../operator-actor.ts'
import type { Enter } from './enter.ts'
import type { LocalTicket } from './local-ticket.ts'
import type { Sessions } from './sessions.ts'
import { type Tenants, tenantFor } from './tenants.ts'

/** Exchanges the local one-time ticket or a service's token for a browser session. */
export type OpenSession = (token: string, from: From, reply: Reply) => Promise<void>

/** Makes it. Throws `unauthenticated`, `class_not_accepted` and what the token's own check throws. */
export function createOpenSession(needs: {
  readonly sessions: Sessions
  readonly enter: Enter
  /** Null: not in local mode. */
  readonly localTicket: LocalTicket | null
  /** The actor of a token as of now; null when it is none of ours. */
  readonly byToken: (token: string) => Promise<Pick<ActorNow, 'actor'> | null>
  readonly tenants: Tenants
}): OpenSession {
  const { sessions, enter, localTicket, byToken, tenants } = needs
  return async (token, from, reply) => {
    const owner = (await localTicket?.spend(token)) ?? null
    if (owner !== null) {
      await enter.browser(owner, {
        tenant: tenantFor(owner, undefined, tenants),
        amr: ['ticket'],
        from,
        reply,
      })
      return
    }
    const found = await byToken(token)
    if (found === null) throw fault('unauthenticated')
    const { actor } = found
    if (actor.class !== 'service') throw fault('class_not_accepted')
    const before = from.cookie('session')
    if (before !== null) await sessions.close(before)
    const opened = await sessions.open({
      actor: actor.credential,
      kind: 'credential',
      tenant: actor.tenant,
      amr: ['token'],
      client: from.client,
      epoch: 0,
    })
    reply.setCookie?.('session', { value: opened.token, maxAgeSeconds: opened.maxAgeSeconds })
  }
}
