import { type ArrayName, arrays } from '@quarterdeck/sdk/contract/record'
import type { OperatingState, StateObject } from '@quarterdeck/sdk/contract/state'
import { compareText } from './compare-text.ts'
import { coveredGates, shownStatus } from './covered-gates.ts'
import { presentLiveness } from './liveness.ts'
import { needsYou } from './needs-you.ts'
import { findObject, type ObjectTable } from './object-table.ts'
import { showObject } from './present-object.ts'
import { type ProducerRow, presentProducers } from './producers.ts'
import type { RecordsState } from './records-state.ts'
import { presentTimeline } from './timeline.ts'
import type { Slot, Tracked } from './tracked.ts'

const shown = 1_000

/** Everything the records say, as it is shown at a time (Unix ms). */
export function presentState(state: RecordsState, now: number): OperatingState {
  const covered = coveredGates(state.tables, now)
  const cut = <Item>(name: string, items: readonly Item[]): Item[] => {
    if (items.length > shown) truncated.push(name)
    return items.slice(0, shown)
  }
  const truncated: string[] = []
  const counts: OperatingState['counts'] = {}
  const objects = {} as Record<ArrayName, StateObject[]>
  for (const array of arrays) {
    const table = state.tables[array]
    counts[array] = countsOf(table, covered, now)
    if (table.total > shown) truncated.push(array)
    objects[array] = chosen(table).map((object) => showObject(object, covered, now))
  }
  const { actors, reclaimableActors } = presentLiveness(state.liveness, now)
  const needs = cut('needsYou', needsYou(state, covered, now))
  return {
    position: state.position,
    at: state.position === 0 ? null : new Date(state.at).toISOString(),
    counts,
    currentStage: currentStage(state, covered, now),
    needsYou: needs,
    ...objects,
    actors: cut('actors', actors),
    reclaimableActors: cut('reclaimableActors', reclaimableActors),
    projections: cut('projections', [...state.slots.values()].sort(bySlot).map(showSlot)),
    truncated,
    timeline: presentTimeline(state.timeline),
  }
}

/** One object as it is shown at a time; null when nothing is known of it. */
export function presentObject(
  state: RecordsState,
  kind: ArrayName,
  product: string,
  id: string,
  now: number,
): StateObject | null {
  const object = findObject(state.tables[kind], product, id)
  if (object === undefined) return null
  const covered = kind === 'gates' ? coveredGates(state.tables, now) : new Set<Tracked>()
  return showObject(object, covered, now)
}

/** All objects of one array, in the order they came to be; of one status only, if asked. */
export function listObjects(
  state: RecordsState,
  kind: ArrayName,
  filter: { readonly status?: string | undefined },
  now: number,
): StateObject[] {
  const covered = coveredGates(state.tables, now)
  return state.tables[kind].order
    .filter((object) => object.alive)
    .filter((object) => filter.status === undefined || shownStatus(object, covered, now) === filter.status)
    .map((object) => showObject(object, covered, now))
}

/** All producers heard, without their refusals: those are no records. */
export function listProducers(state: RecordsState): ProducerRow[] {
  return presentProducers(state.producers)
}

function countsOf(table: ObjectTable, covered: ReadonlySet<Tracked>, now: number) {
  const counts = new Map(table.byStatus)
  const moving = table.array === 'gates' ? covered : table.accepted
  for (const object of moving) {
    const status = shownStatus(object, covered, now)
    if (status === object.status || status === null) continue
    if (object.status !== null) counts.set(object.status, (counts.get(object.status) ?? 1) - 1)
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }
  const byStatus = Object.fromEntries([...counts].filter(([, count]) => count > 0))
  return { total: table.total, byStatus }
}

/** Up to 1,000 objects: the unfinished first, the newest where not all fit, each part in order of birth. */
function chosen(table: ObjectTable): Tracked[] {
  const open: Tracked[] = []
  const finished: Tracked[] = []
  const wanted = Math.min(shown, table.open.size)
  const rest = Math.min(shown, table.total) - wanted
  if (table.open.size <= 2 * shown)
    open.push(...[...table.open].sort((a, b) => b.born - a.born).slice(0, shown))
  for (let index = table.order.length - 1; index >= 0; index -= 1) {
    if (open.length === wanted && finished.length === rest) break
    const object = table.order[index] as Tracked
    if (!object.alive) continue
    if (!table.open.has(object)) {
      if (finished.length < rest) finished.push(object)
    } else if (table.open.size > 2 * shown && open.length < wanted) open.push(object)
  }
  return [...open.reverse(), ...finished.reverse()]
}

/** The first gate that waits or failed. */
function currentStage(state: RecordsState, covered: ReadonlySet<Tracked>, now: number): string | null {
  let first: Tracked | null = null
  for (const gate of state.tables.gates.open) {
    const status = shownStatus(gate, covered, now)
    if (status !== 'waiting' && status !== 'failed') continue
    if (first === null || gate.born < first.born) first = gate
  }
  return first?.id ?? null
}

function bySlot(a: Slot, b: Slot): number {
  return (
    compareText(a.product, b.product) ||
    compareText(a.producer, b.producer) ||
    compareText(a.scope.kind, b.scope.kind) ||
    compareText(a.scope.id, b.scope.id)
  )
}

function showSlot(slot: Slot): OperatingState['projections'][number] {
  const { product, producer, scope, asOf, position } = slot
  return {
    product,
    producer,
    scope: { kind: scope.kind, id: scope.id },
    generatedAt: new Date(slot.generatedAt).toISOString(),
    asOf,
    position,
  }
}
