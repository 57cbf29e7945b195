import type { TokenPair } from '@quarterdeck/sdk/contract/identity-views'
import { fault } from '@quarterdeck/sdk/errors'
import type { From, Reply } from '../../../core/perform.ts'
import type { Found, Store } from '../store.ts'
import type { Families } from '../tokens/families.ts'
import { guardOwners } from './owners.ts'
import type { Sessions } from './sessions.ts'

/** Seconds that an operator's access token lives. */
const accessSeconds = 900

/** What follows once a person has shown who they are. */
export interface Enter {
  /** Opens a session in the browser, in place of the one it had. */
  browser(
    operator: Found<'operators'>,
    at: {
      readonly tenant: string
      readonly amr: readonly string[]
      readonly from: From
      readonly reply: Reply
    },
  ): Promise<void>
  /** Opens a family of tokens for a program. */
  program(operator: Found<'operators'>, tenant: string): Promise<TokenPair>
}

/** Makes it. */
export function createEnter(needs: {
  readonly sessions: Sessions
  readonly families: Pick<Families, 'open'>
}): Enter {
  const { sessions, families } = needs
  return {
    async browser({ id, epoch }, { tenant, amr, from, reply }) {
      const before = from.cookie('session')
      if (before !== null) await sessions.close(before)
      const opened = await sessions.open({
        actor: id,
        kind: 'operator',
        tenant,
        amr,
        client: from.client,
        epoch,
      })
      reply.setCookie?.('session', { value: opened.token, maxAgeSeconds: opened.maxAgeSeconds })
    },
    program: ({ id, epoch }, tenant) =>
      families.open({
        class: 'operator',
        subject: id,
        tenant,
        groups: [],
        epoch,
        ttlSeconds: accessSeconds,
      }),
  }
}

/** Whether an operator may sign in: not disabled, a member somewhere, and invited for not too long if invited. */
export const maySignIn = (operator: Found<'operators'>, now: number): boolean =>
  operator.disabledAt === null &&
  operator.memberships.length > 0 &&
  (operator.invitedUntil === null || operator.invitedUntil > now)

/** The operator as of now, its invitation accepted. Throws `link_spent` when it may not sign in any more. */
export function accept(store: Store, id: string, now: number): Promise<Found<'operators'>> {
  return store.change(async (view) => {
    const operator = await view.get('operators', id)
    if (operator === null || !maySignIn(operator, now)) throw fault('link_spent')
    if (operator.invitedUntil === null) return operator
    const accepted = { ...operator, invitedUntil: null }
    view.set('operators', id, accepted)
    if (operator.memberships.some(({ role }) => role === 'owner')) await guardOwners(view)
    return accepted
  })
}
