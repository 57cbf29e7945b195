import { isActive } from '../operator-actor.ts'
import type { Found, View } from '../store.ts'

/** All operators there are. They are people, so there are few. */
export async function readOperators(view: View): Promise<Found<'operators'>[]> {
  const all: Found<'operators'>[] = []
  let cursor: string | undefined
  do {
    const page = await view.page('operators', { limit: 500, cursor })
    all.push(...page.rows)
    cursor = page.cursor
  } while (cursor !== undefined)
  return all
}

/** Whether an operator owns a tenant and can come in. */
export const owns = (operator: Found<'operators'>, tenant: string): boolean =>
  isActive(operator) &&
  operator.memberships.some((membership) => membership.tenant === tenant && membership.role === 'owner')

/** Whether a tenant has an owner, beside the operator with this id. */
export async function hasOwner(view: View, tenant: string, beside?: string): Promise<boolean> {
  return (await readOperators(view)).some((one) => one.id !== beside && owns(one, tenant))
}

/** Makes this change clash with any other of who owns a tenant, so that two that are made at once see each other. */
export async function guardOwners(view: View): Promise<void> {
  const guard = await view.get('guards', 'owners')
  view.set('guards', 'owners', { changes: (guard?.changes ?? 0) + 1 })
}
