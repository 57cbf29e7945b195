import type { Actor } from '@quarterdeck/sdk/actor'
import type { identity } from '@quarterdeck/sdk/contract/identity'
import type { MailItem } from '@quarterdeck/sdk/contract/identity-views'
import { fault } from '@quarterdeck/sdk/errors'
import { pageOf } from '../../../core/page.ts'
import type { Handlers, Showing } from '../../../core/perform.ts'
import type { Found, Store, View } from '../store.ts'
import type { Enrolment } from './enrol.ts'
import type { Invite } from './invite.ts'
import type { KeepOut } from './keep-out.ts'
import { isVisible, operatorView } from './operator-view.ts'
import { endOpen, itemsOf, readOpen } from './own-sessions.ts'
import { readOperators } from './owners.ts'
import type { Prove } from './prove.ts'
import { endAndSet, reach } from './reach.ts'
import type { SetRole } from './set-role.ts'

type Verbs =
  | 'listSessions'
  | 'revokeSession'
  | 'revokeOthers'
  | 'enrolTotp'
  | 'confirmTotp'
  | 'prove'
  | 'listOperators'
  | 'inviteOperator'
  | 'setRole'
  | 'disableOperator'
  | 'resetFactor'
  | 'operatorSessions'
  | 'endSessions'
  | 'listMail'

interface PeopleNeeds {
  readonly store: Store
  readonly homeTenant: string
  readonly enrolment: Enrolment
  readonly prove: Prove
  readonly invite: Invite
  readonly setRole: SetRole
  readonly keepOut: KeepOut
  /** Mail that was kept instead of sent, the newest first; null outside of local mode. */
  readonly outbox: (() => Promise<readonly (Omit<MailItem, 'at'> & { readonly at: number })[]>) | null
  readonly now: () => number
}

/** What is an operator's own, and the operators themselves. */
export function createPeopleHandlers(needs: PeopleNeeds): Pick<Handlers<typeof identity>, Verbs> {
  const { store, homeTenant, enrolment, prove, invite, setRole, keepOut, outbox, now } = needs

  const seen = (actor: Actor, operator: Found<'operators'>) => operatorView(actor, operator, homeTenant)

  async function mine(view: View, actor: Actor) {
    const operator = await view.get('operators', actor.principal)
    if (operator === null) throw fault('unauthenticated')
    return readOpen(view, operator, null, now())
  }

  /** Ends those of one's own that are asked for; answers how many there were. */
  const endMine = (actor: Actor, wanted: (id: string) => boolean) =>
    store.change(async (view) => {
      const open = await mine(view, actor)
      const ended = {
        sessions: open.sessions.filter(({ id }) => wanted(id)),
        families: open.families.filter(({ id }) => wanted(id)),
      }
      endOpen(view, ended, now())
      return ended.sessions.length + ended.families.length
    })

  return {
    listSessions: async ({ actor }) => ({
      items: itemsOf(await mine(store.view(), actor), actor.credential),
    }),
    async revokeSession({ actor, input, reply }) {
      if ((await endMine(actor, (id) => id === input.id)) === 0) throw fault('not_found')
      if (input.id === actor.credential) reply.setCookie?.('session', null)
    },
    async revokeOthers({ actor }) {
      await endMine(actor, (id) => id !== actor.credential)
    },
    enrolTotp: ({ actor, input }) => enrolment.begin(actor, input.code),
    async confirmTotp({ actor, input, reply }) {
      const { recoveryCodes, session } = await enrolment.confirm(actor, input.code)
      if (session !== null)
        reply.setCookie?.('session', { value: session.token, maxAgeSeconds: session.maxAgeSeconds })
      return { recoveryCodes }
    },
    prove: ({ actor, input }) => prove(actor, input),
    async listOperators({ actor, input }) {
      const there = (await readOperators(store.view()))
        .filter((operator) => isVisible(actor, operator, homeTenant))
        .sort((a, b) => (a.email < b.email ? -1 : 1))
      return pageOf(
        there.map((operator) => seen(actor, operator)),
        input,
      )
    },
    inviteOperator: async ({ actor, input }) => seen(actor, await invite(actor, input)),
    setRole: async ({ actor, input }) => seen(actor, await setRole.set(actor, input)),
    disableOperator: async ({ actor, input }) => seen(actor, await keepOut.disable(actor, input.id)),
    resetFactor: async ({ actor, input }) => seen(actor, await keepOut.resetFactor(actor, input.id)),
    async operatorSessions({ actor, input }) {
      const view = store.view()
      const { operator, tenant } = await reach(view, actor, input.id, homeTenant)
      return { items: itemsOf(await readOpen(view, operator, tenant, now()), actor.credential) }
    },
    async endSessions({ actor, input }) {
      await store.change(async (view) =>
        endAndSet(view, await reach(view, actor, input.id, homeTenant), now()),
      )
    },
    async listMail({ actor }) {
      if (outbox === null || actor.tenant !== homeTenant) throw fault('not_found')
      const items = await outbox()
      return { items: items.map((item) => ({ ...item, at: new Date(item.at).toISOString() })) }
    },
  }
}

/** What the dangerous ones would do, for the person who is asked for a proof. */
export function createPeopleShowing({
  setRole,
  keepOut,
}: Pick<PeopleNeeds, 'setRole' | 'keepOut'>): Pick<
  Required<Showing<typeof identity>>,
  'setRole' | 'disableOperator' | 'resetFactor'
> {
  return {
    setRole: ({ actor, input }) => setRole.shown(actor, input),
    disableOperator: ({ actor, input }) => keepOut.shownDisable(actor, input.id),
    resetFactor: ({ actor, input }) => keepOut.shownReset(actor, input.id),
  }
}
