import type { View } from './tracked.ts'

/** Orders what slots say of one object: the farther a slot has seen, the more its word counts. */
export function byAge(a: View, b: View): number {
  return a.slot.asOf - b.slot.asOf || a.slot.position - b.slot.position
}
