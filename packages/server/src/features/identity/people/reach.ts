import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import type { Found, View } from '../store.ts'
import { isVisible, seesAll } from './operator-view.ts'
import { endOpen, readOpen } from './own-sessions.ts'

/** An operator in somebody's hands. `tenant`: as far as these reach; null: everywhere. */
export interface Reached {
  readonly operator: Found<'operators'>
  readonly tenant: string | null
}

/**
 * The operator that an actor means. Who looks after one tenant reaches a person who works in others too no further than
 * that tenant: else an owner could invite the owner of another tenant and take their factor. Throws `not_found`.
 */
export async function reach(view: View, actor: Actor, id: string, homeTenant: string): Promise<Reached> {
  const operator = await view.get('operators', id)
  if (operator === null || !isVisible(actor, operator, homeTenant)) throw fault('not_found')
  const elsewhere = operator.memberships.some(({ tenant }) => tenant !== actor.tenant)
  return { operator, tenant: elsewhere && !seesAll(actor, homeTenant) ? actor.tenant : null }
}

/** The same for acts that concern the person everywhere; throws `forbidden` where the actor does not reach. */
export async function reachWhole(
  view: View,
  actor: Actor,
  id: string,
  homeTenant: string,
): Promise<Found<'operators'>> {
  const { operator, tenant } = await reach(view, actor, id, homeTenant)
  if (tenant !== null) throw fault('forbidden', 'The person works in other tenants too')
  return operator
}

/**
 * Stores a changed operator and ends, in the same change, what it has open as far as the actor reaches. The epoch rises
 * with it, so that what was signed before is refused as well.
 */
export async function endAndSet(view: View, { operator, tenant }: Reached, now: number): Promise<void> {
  endOpen(view, await readOpen(view, operator, tenant, now), now)
  const { epoch } = operator
  view.set('operators', operator.id, { ...operator, epoch: tenant === null ? epoch + 1 : epoch })
}
