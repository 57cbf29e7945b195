import { arrays, type ProjectionRecord } from '@quarterdeck/sdk/contract/record'
import { positionOfEvent, positionUpTo } from './as-of.ts'
import { byAge } from './by-age.ts'
import { gatesOf } from './covered-gates.ts'
import type { FoldEntry, Touched } from './fold-entry.ts'
import { instantOf } from './instant-of.ts'
import { learningFields } from './learning-fields.ts'
import { type ObjectTable, obtainObject, removeObject, settleStatus } from './object-table.ts'
import type { RecordsState } from './records-state.ts'
import type { Fields, Slot, Tracked, View } from './tracked.ts'

/** Takes a projection into its slot, if it is the newest there; answers what the old one and the new one cover. */
export function applyProjection(
  state: RecordsState,
  entry: FoldEntry,
  record: ProjectionRecord,
): readonly Touched[] {
  const key = JSON.stringify([
    record.producer.product,
    record.producer.id,
    record.scope.kind,
    record.scope.id,
  ])
  const slot = slotOf(state, entry, record)
  const before = state.slots.get(key)
  if (before !== undefined && isOlder(slot, before)) return []
  const touched = new Set<Tracked>()
  for (const object of before?.covers ?? []) {
    object.views = object.views?.filter((view) => view.slot !== before) ?? null
    if (object.views?.length === 0) object.views = null
    touched.add(object)
  }
  // A slot that is replaced keeps its place, so that lists of slots keep their order.
  state.slots.set(key, slot)
  for (const array of arrays)
    for (const item of record[array] ?? []) {
      const object = cover(state.tables[array], slot, item)
      if (object !== null) touched.add(object)
    }
  for (const object of [...touched]) {
    if (object.array === 'exceptions') for (const gate of gatesOf(state.tables, object)) touched.add(gate)
    settle(state, object, slot)
  }
  return [...touched].map(({ array, product, id }) => ({ kind: array, product, id }))
}

function slotOf(state: RecordsState, entry: FoldEntry, record: ProjectionRecord): Slot {
  const generatedAt = instantOf(record.generatedAt, entry.receivedAt)
  const { lastAcceptedEventId, lastComparableSequence } = record.derivedFrom
  const named =
    lastAcceptedEventId === undefined ? undefined : positionOfEvent(state.asOf, lastAcceptedEventId)
  return {
    product: record.producer.product,
    producer: record.producer.id,
    scope: { kind: record.scope.kind, id: record.scope.id },
    generatedAt,
    comparable: lastComparableSequence ?? null,
    asOf: named ?? positionUpTo(state.asOf, generatedAt),
    position: entry.position,
    receivedAt: entry.receivedAt,
    tier: entry.tier,
    covers: new Set(),
  }
}

function isOlder(slot: Slot, than: Slot): boolean {
  const a = slot.comparable
  const b = than.comparable
  if (a && b && a.producerId === b.producerId && a.streamId === b.streamId && a.sequence !== b.sequence)
    return a.sequence < b.sequence
  return slot.generatedAt < than.generatedAt
}

/** Puts what the slot says of one object over it, or under it where later events touched it. */
function cover(table: ObjectTable, slot: Slot, item: Fields & { id: string }): Tracked | null {
  const { id, product: named, provenance: _, ...fields } = item
  if (table.array === 'learnings' && learningFields(fields) === null) return null
  const object = obtainObject(table, typeof named === 'string' ? named : slot.product, id)
  const view: View = { slot, fields, above: object.touched <= slot.asOf, overridden: null }
  const others = object.views?.filter((other) => other.slot !== slot) ?? []
  object.views = [...others, view].sort(byAge)
  slot.covers.add(object)
  if (slot.receivedAt > object.heardAt) object.heardAt = slot.receivedAt
  return object
}

function settle(state: RecordsState, object: Tracked, slot: Slot): void {
  const table = state.tables[object.array]
  if (object.views === null && object.producer === null) removeObject(table, object)
  else settleStatus(table, object, slot.generatedAt)
}
