import type { EventRecord, LivenessRecord, ProjectionRecord } from '@quarterdeck/sdk/contract/record'
import { applyEvent } from './apply-event.ts'
import { applyProjection } from './apply-projection.ts'
import { applyEconomics } from './economics-fold.ts'
import type { FoldEntry, Touched } from './fold-entry.ts'
import { applyLiveness } from './liveness.ts'
import { noteProducer } from './producers.ts'
import type { RecordsState } from './records-state.ts'

export type { FoldEntry, Touched } from './fold-entry.ts'
export { loadRecords } from './load-records.ts'
export { listObjects, listProducers, presentObject, presentState } from './present-state.ts'
export { emptyRecords, type RecordsState } from './records-state.ts'
export { saveRecords } from './save-records.ts'

const nothing: readonly Touched[] = []

/** Applies one entry to the state in place, in constant time; answers the objects it touched. */
export function applyRecord(state: RecordsState, entry: FoldEntry): readonly Touched[] {
  state.position = entry.position
  state.at = entry.receivedAt
  noteProducer(state.producers, entry)
  // The record was parsed against its schema when it was appended; parsing it here would cost more than the fold.
  const record: unknown = entry.record
  switch (entry.record.schema) {
    case 'console.event':
      return applyEvent(state, entry, record as EventRecord)
    case 'console.projection':
      return applyProjection(state, entry, record as ProjectionRecord)
    case 'console.liveness':
      applyLiveness(state.liveness, record as LivenessRecord, entry.receivedAt)
      return nothing
    case 'console.economics':
      applyEconomics(state.economics, entry)
      return nothing
    default:
      return nothing
  }
}
