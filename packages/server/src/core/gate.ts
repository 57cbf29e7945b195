import { type Actor, holds } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import { areaOf, type Operation } from '@quarterdeck/sdk/operation'

/** Whether an area is switched off right now, by its kill switch. */
export type SwitchedOff = (area: string) => boolean

/** Whether an actor may use something that needs this permission; `area:self` is what everybody with a credential has. */
export function mayUse(actor: Actor, permission: string): boolean {
  if (permission === 'public') return true
  if (actor.class === 'anonymous') return false
  return permission.endsWith(':self') || holds(actor, permission)
}

/** Lets a call through or throws why not: no credential, no permission, area switched off, proof that nothing can check yet. */
export function gate(
  needs: { readonly switchedOff: SwitchedOff },
  operation: Pick<Operation, 'name' | 'permission' | 'effect' | 'proof'>,
  actor: Actor,
): void {
  if (!mayUse(actor, operation.permission))
    throw fault(actor.class === 'anonymous' ? 'unauthenticated' : 'forbidden')
  // Sign-in and sign-out go on whatever is switched off.
  if (
    operation.effect !== 'read' &&
    operation.permission !== 'public' &&
    needs.switchedOff(areaOf(operation))
  ) {
    throw fault('switched_off')
  }
  if (operation.proof !== undefined) throw fault('not_built', 'Proofs of dangerous acts are not built yet')
}
