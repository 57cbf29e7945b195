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

/** Lets a call through or throws why not, in this order: credential, permission, home, class, kill switch. */
export function gate(
  needs: { readonly switchedOff: SwitchedOff; readonly homeTenant: string },
  operation: Pick<Operation, 'name' | 'permission' | 'effect' | 'classes' | 'home' | 'always'>,
  actor: Actor,
): void {
  if (!mayUse(actor, operation.permission))
    throw fault(actor.class === 'anonymous' ? 'unauthenticated' : 'forbidden')
  if (operation.home === true && actor.tenant !== needs.homeTenant) throw fault('home_only')
  if (operation.permission !== 'public') {
    if (operation.classes !== undefined && !operation.classes.includes(actor.class))
      throw fault('class_not_accepted')
    // A gate looks; it never acts.
    if (actor.class === 'gate' && operation.effect !== 'read') throw fault('class_not_accepted')
  }
  // Sign-in, proofs and revocations go on whatever is switched off.
  if (operation.effect !== 'read' && operation.always !== true && needs.switchedOff(areaOf(operation)))
    throw fault('switched_off')
}
