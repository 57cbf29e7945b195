import type { Actor } from '@quarterdeck/sdk/actor'
import type { Operator } from '@quarterdeck/sdk/contract/identity'
import type { Found } from '../store.ts'

/** Whether an actor is an owner by role; a token with the same permissions is not. */
export const isOwner = (actor: Actor): boolean =>
  actor.class === 'operator' && actor.roles?.includes('owner') === true

/** Whether an actor looks after the operators of every tenant: an owner at home. */
export const seesAll = (actor: Actor, homeTenant: string): boolean =>
  isOwner(actor) && actor.tenant === homeTenant

/** Whether an operator is there at all for an actor. */
export const isVisible = (actor: Actor, operator: Found<'operators'>, homeTenant: string): boolean =>
  seesAll(actor, homeTenant) || operator.memberships.some(({ tenant }) => tenant === actor.tenant)

/** An operator as an actor may see it: without secrets, and with memberships of its own tenant alone unless it sees all. */
export function operatorView(actor: Actor, operator: Found<'operators'>, homeTenant: string): Operator {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const all = seesAll(actor, homeTenant)
  return {
    id: operator.id,
    email: operator.email,
    name: operator.name,
    memberships: operator.memberships.filter(({ tenant }) => all || tenant === actor.tenant),
    subjects: operator.subjects,
    enrolled: operator.totp !== null,
    invitedUntil: iso(operator.invitedUntil),
    disabledAt: iso(operator.disabledAt),
    createdAt: new Date(operator.createdAt).toISOString(),
  }
}
