import { findObject, type ObjectTables } from './object-table.ts'
import { collectedRefs, shownField } from './shown-fields.ts'
import type { Tracked } from './tracked.ts'

/** The gates among the refs of an exception. */
export function gatesOf(tables: ObjectTables, exception: Tracked): Tracked[] {
  const gates: Tracked[] = []
  for (const ref of collectedRefs(exception).values()) {
    if (ref.kind !== 'gate') continue
    const gate = findObject(tables.gates, ref.product, ref.id)
    if (gate !== undefined) gates.push(gate)
  }
  return gates
}

/** Whether an accepted exception has run out. One without a readable end does not. */
export function isExpired(exception: Tracked, now: number): boolean {
  const end = shownField(exception, 'expiresAt')
  return typeof end === 'string' && Date.parse(end) <= now
}

/** The gates that stand by an exception in force. A gate that passed needs none. */
export function coveredGates(tables: ObjectTables, now: number): ReadonlySet<Tracked> {
  const covered = new Set<Tracked>()
  for (const exception of tables.exceptions.accepted) {
    if (isExpired(exception, now)) continue
    for (const gate of gatesOf(tables, exception)) if (gate.status !== 'passed') covered.add(gate)
  }
  return covered
}

/** The status to show now: exceptions run out, and gates stand by those in force. */
export function shownStatus(object: Tracked, covered: ReadonlySet<Tracked>, now: number): string | null {
  if (covered.has(object)) return 'accepted_by_exception'
  if (object.array === 'exceptions' && object.status === 'accepted' && isExpired(object, now))
    return 'expired'
  return object.status
}
