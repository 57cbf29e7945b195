import { arrays } from '@quarterdeck/sdk/contract/record'
import type { ObjectTable } from './object-table.ts'
import { heardProducers } from './producers.ts'
import type { RecordsState } from './records-state.ts'
import type { SavedObject, SavedRecords, SavedView } from './saved-records.ts'
import type { Slot, Tracked } from './tracked.ts'

/** The state as one JSON text: whoever loads it goes on exactly as this one would. */
export function saveRecords(state: RecordsState): string {
  const { young, old, positions, times } = state.asOf
  const saved: SavedRecords = {
    position: state.position,
    at: state.at,
    tables: arrays.map((array) => [array, saveTable(state.tables[array])]),
    asOf: {
      young: [young.ids, young.positions],
      old: [old.ids, old.positions],
      positions,
      times,
    },
    slots: [...state.slots].map(([key, slot]) => [key, saveSlot(slot), saveViews(slot)]),
    timeline: state.timeline.slice(-50),
    liveness: [...state.liveness.values()],
    producers: [...heardProducers(state.producers)].map((heard) => ({
      ...heard,
      streams: [...heard.streams],
    })),
    economics: state.economics,
  }
  return JSON.stringify(saved)
}

function saveTable(table: ObjectTable): SavedObject[] {
  return table.order.filter((object) => object.alive).map(saveObject)
}

function saveObject(object: Tracked): SavedObject {
  const { producer } = object
  return [
    object.product,
    object.id,
    object.fields,
    object.removed === null ? 0 : [...object.removed],
    object.reason ?? 0,
    object.refs === null ? 0 : [...object.refs.values()],
    object.links === null ? 0 : [...object.links.values()],
    object.touched,
    object.occurredAt,
    object.sequence,
    producer === null ? null : { id: producer.id, product: producer.product, runId: producer.runId },
    object.tier,
    object.heardAt,
    object.status,
    object.since,
  ]
}

function saveSlot({ covers: _, ...slot }: Slot): Omit<Slot, 'covers'> {
  return slot
}

function saveViews(slot: Slot): SavedView[] {
  return [...slot.covers].flatMap((object) =>
    (object.views ?? [])
      .filter((view) => view.slot === slot)
      .map(
        (view): SavedView => [
          object.array,
          object.product,
          object.id,
          view.fields,
          view.above ? 1 : 0,
          view.overridden === null ? 0 : [...view.overridden],
        ],
      ),
  )
}
