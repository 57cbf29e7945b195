import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import type { ShownDoc } from '../../../core/perform.ts'
import type { Found, Store, View } from '../store.ts'
import { guardOwners, hasOwner, owns } from './owners.ts'
import { endAndSet, reachWhole } from './reach.ts'

type Shown = (actor: Actor, id: string) => Promise<ShownDoc>
type Act = (actor: Actor, id: string) => Promise<Found<'operators'>>

/** Acts on a whole person. All throw `not_found`, and `forbidden` where the actor reaches one tenant of several. */
export interface KeepOut {
  /** Keeps an operator out and ends what is open. Throws `last_owner`. */
  readonly disable: Act
  readonly shownDisable: Shown
  /** Takes the second factor away, with its recovery codes, and ends what is open. */
  readonly resetFactor: Act
  readonly shownReset: Shown
}

/** Makes them. */
export function createKeepOut(needs: {
  readonly store: Store
  readonly homeTenant: string
  readonly now: () => number
}): KeepOut {
  const { store, homeTenant, now } = needs

  async function toDisable(view: View, actor: Actor, id: string): Promise<Found<'operators'>> {
    const operator = await reachWhole(view, actor, id, homeTenant)
    for (const { tenant } of operator.memberships)
      if (owns(operator, tenant) && !(await hasOwner(view, tenant, id))) throw fault('last_owner')
    return operator
  }

  return {
    disable: (actor, id) =>
      store.change(async (view) => {
        const operator = await toDisable(view, actor, id)
        if (operator.disabledAt !== null) return operator
        const disabled = { ...operator, disabledAt: now() }
        if (operator.memberships.some(({ role }) => role === 'owner')) await guardOwners(view)
        await endAndSet(view, { operator: disabled, tenant: null }, now())
        return disabled
      }),
    async shownDisable(actor, id) {
      const { email } = await toDisable(store.view(), actor, id)
      return { does: `Keep ${email} out and end what is open`, operator: id, email }
    },
    resetFactor: (actor, id) =>
      store.change(async (view) => {
        const operator = await reachWhole(view, actor, id, homeTenant)
        const reset = { ...operator, totp: null, totpNext: null, lastStep: 0, recovery: [] }
        await endAndSet(view, { operator: reset, tenant: null }, now())
        return reset
      }),
    async shownReset(actor, id) {
      const { email } = await reachWhole(store.view(), actor, id, homeTenant)
      return { does: `Take away the second factor of ${email} and end what is open`, operator: id, email }
    },
  }
}
