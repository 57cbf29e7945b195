import type { Actor } from '@quarterdeck/sdk/actor'
import type { Operation } from '@quarterdeck/sdk/operation'
import { rolePermissions } from './roles.ts'
import type { Found, Store } from './store.ts'

/** An actor as of now. `dependsOn`: rows `table/id` whose change makes the answer void. */
export interface ActorNow {
  readonly actor: Actor
  readonly dependsOn: readonly string[]
}

/**
 * An operator as an actor in one tenant, for a credential; null: there is none, it is disabled, its invitation was not
 * accepted, or it is no member there. What was issued under a lower `epoch` has ended.
 */
export type OperatorActor = (
  id: string,
  tenant: string,
  credential: string,
) => Promise<(ActorNow & { readonly epoch: number }) | null>

/** Whether an operator may be in at all. */
export const isActive = (operator: Found<'operators'>): boolean =>
  operator.disabledAt === null && operator.invitedUntil === null

/** Makes the lookup; `operations` are those of the platform. */
export function createOperatorActor(needs: {
  readonly store: Store
  readonly operations: readonly Pick<Operation, 'permission'>[]
}): OperatorActor {
  const { store, operations } = needs
  return async (id, tenant, credential) => {
    const operator = await store.view().get('operators', id)
    const role = operator?.memberships.find((membership) => membership.tenant === tenant)?.role
    if (operator === null || role === undefined || !isActive(operator)) return null
    const actor: Actor = {
      tenant,
      principal: id,
      class: 'operator',
      permissions: rolePermissions(role, operations),
      credential,
      roles: [role],
      enrolled: operator.totp !== null,
    }
    return { actor, epoch: operator.epoch, dependsOn: [`operators/${id}`] }
  }
}
