import type { Actor } from '@quarterdeck/sdk/actor'
import type { Role } from '@quarterdeck/sdk/contract/identity'
import { fault } from '@quarterdeck/sdk/errors'
import type { ShownDoc } from '../../../core/perform.ts'
import type { Found, Store, View } from '../store.ts'
import { targetTenant } from './invite.ts'
import { guardOwners, hasOwner, owns } from './owners.ts'
import { endAndSet, type Reached, reach } from './reach.ts'
import type { Tenants } from './tenants.ts'

export interface RoleWanted {
  readonly id: string
  readonly tenant?: string | undefined
  readonly role: Role | null
}

/**
 * Changing what an operator is in a tenant. Both throw `not_found`, `tenant_mismatch`, `tenant_forbidden` and
 * `last_owner`.
 */
export interface SetRole {
  set(actor: Actor, wanted: RoleWanted): Promise<Found<'operators'>>
  /** What it would do. */
  shown(actor: Actor, wanted: RoleWanted): Promise<ShownDoc>
}

/** Makes it. A role that changes ends what the operator has open. */
export function createSetRole(needs: {
  readonly store: Store
  readonly tenants: Tenants
  readonly now: () => number
}): SetRole {
  const { store, tenants, now } = needs

  async function plan(
    view: View,
    actor: Actor,
    { id, tenant: named, role }: RoleWanted,
  ): Promise<{ reached: Reached; tenant: string; from: Role | null }> {
    const tenant = targetTenant(actor, named, tenants.home)
    if (role !== null && !tenants.allowed(tenant)) throw fault('tenant_forbidden')
    const reached = await reach(view, actor, id, tenants.home)
    const { operator } = reached
    if (role !== 'owner' && owns(operator, tenant) && !(await hasOwner(view, tenant, id)))
      throw fault('last_owner')
    return { reached, tenant, from: operator.memberships.find((one) => one.tenant === tenant)?.role ?? null }
  }

  return {
    set: (actor, wanted) =>
      store.change(async (view) => {
        const { reached, tenant, from } = await plan(view, actor, wanted)
        const { operator } = reached
        const { role } = wanted
        if (from === role) return operator
        const others = operator.memberships.filter((one) => one.tenant !== tenant)
        const memberships = role === null ? others : [...others, { tenant, role }]
        const changed = { ...operator, memberships }
        if (from === 'owner' || role === 'owner') await guardOwners(view)
        await endAndSet(view, { ...reached, operator: changed }, now())
        return changed
      }),
    async shown(actor, wanted) {
      const { reached, tenant, from } = await plan(store.view(), actor, wanted)
      const { email, id } = reached.operator
      const does =
        wanted.role === null ? `Take ${email} out of ${tenant}` : `Make ${email} ${wanted.role} in ${tenant}`
      return { does, operator: id, email, tenant, from, to: wanted.role }
    },
  }
}
