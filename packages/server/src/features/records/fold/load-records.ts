import type { ArrayName } from '@quarterdeck/sdk/contract/record'
import { eventIds } from './as-of.ts'
import { byAge } from './by-age.ts'
import { findObject, placeObject } from './object-table.ts'
import { emptyRecords, type RecordsState } from './records-state.ts'
import { linkKey, refKey } from './ref-key.ts'
import type { SavedObject, SavedRecords, SavedView } from './saved-records.ts'
import { newTracked, type Slot, type Tracked } from './tracked.ts'

/** The state that `saveRecords` wrote. */
export function loadRecords(text: string): RecordsState {
  // A checkpoint is kept under the hash of this folder's source, so its shape is ours.
  const saved = JSON.parse(text) as SavedRecords
  const state = emptyRecords()
  state.position = saved.position
  state.at = saved.at
  for (const [array, objects] of saved.tables)
    for (const object of objects) placeObject(state.tables[array], loadObject(array, object))
  const { young, old, positions, times } = saved.asOf
  Object.assign(state.asOf, { young: eventIds(...young), old: eventIds(...old), positions, times })
  for (const [key, fields, views] of saved.slots) {
    const slot: Slot = { ...fields, covers: new Set() }
    state.slots.set(key, slot)
    for (const view of views) loadView(state, slot, view)
  }
  state.timeline.push(...saved.timeline)
  for (const hold of saved.liveness) state.liveness.set(JSON.stringify([hold.actor, hold.subjectId]), hold)
  for (const { streams, ...heard } of saved.producers) {
    const byId = state.producers.get(heard.product) ?? new Map()
    state.producers.set(heard.product, byId.set(heard.id, { ...heard, streams: new Map(streams) }))
  }
  for (const run of saved.economics.runs) state.economics.runs.push(run)
  return state
}

function loadObject(array: ArrayName, saved: SavedObject): Tracked {
  const [product, id, fields, removed, reason, refs, links, touched, occurredAt, ...more] = saved
  const [sequence, producer, tier, heardAt, status, since] = more
  return {
    ...newTracked(array, product, id),
    fields,
    removed: removed === 0 ? null : new Set(removed),
    reason: reason === 0 ? null : reason,
    refs: refs === 0 ? null : new Map(refs.map((ref) => [refKey(ref), ref])),
    links: links === 0 ? null : new Map(links.map((link) => [linkKey(link), link])),
    touched,
    occurredAt,
    sequence,
    producer,
    tier,
    heardAt,
    status,
    since,
  }
}

function loadView(state: RecordsState, slot: Slot, saved: SavedView): void {
  const [array, product, id, fields, above, overridden] = saved
  const object = findObject(state.tables[array], product, id)
  if (object === undefined) return
  const view = {
    slot,
    fields,
    above: above === 1,
    overridden: overridden === 0 ? null : new Set(overridden),
  }
  object.views = [...(object.views ?? []), view].sort(byAge)
  slot.covers.add(object)
}
