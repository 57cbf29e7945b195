import type { Actor } from '@quarterdeck/sdk/actor'
import type { identity } from '@quarterdeck/sdk/contract/identity'
import { fault } from '@quarterdeck/sdk/errors'
import type { Handlers } from '../../core/perform.ts'
import type { BootstrapTokens } from './bootstrap-tokens.ts'
import type { Sessions } from './sessions.ts'

/** The operations of identity that exist so far: the browser session of a bootstrap token. */
export function identityHandlers(needs: {
  readonly tokens: BootstrapTokens
  readonly sessions: Sessions
  readonly environment: { readonly name: string; readonly kind: 'production' | 'staging' | 'other' }
}): Handlers<typeof identity> {
  const { tokens, sessions, environment } = needs
  return {
    async openSession({ input, reply }) {
      const actor: Actor | null = tokens.find(input.token) ?? (await sessions.spendTicket(input.token))
      if (actor === null) throw fault('unauthenticated')
      reply.setSession?.(await sessions.open(actor))
    },
    async readSession({ actor, reply }) {
      const endsAt = await reply.sessionEndsAt?.()
      return {
        actor: { principal: actor.principal, class: actor.class },
        tenant: actor.tenant,
        permissions: [...actor.permissions],
        environment,
        expiresAt: endsAt === undefined || endsAt === null ? null : new Date(endsAt).toISOString(),
      }
    },
    async closeSession({ reply }) {
      await reply.endSession?.()
    },
  }
}
