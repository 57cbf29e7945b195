import type { AsOfIndex } from './as-of.ts'
import { emptyAsOf } from './as-of.ts'
import { type EconomicsState, emptyEconomics } from './economics-fold.ts'
import type { LivenessState } from './liveness.ts'
import { emptyTables, type ObjectTables } from './object-table.ts'
import type { ProducersState } from './producers.ts'
import type { TimelineItem } from './timeline.ts'
import type { Slot } from './tracked.ts'

/** Everything the records said, folded. It knows no clock: what depends on time is worked out when it is presented. */
export interface RecordsState {
  position: number
  /** When the last entry was received, Unix ms; 0 before the first. */
  at: number
  readonly tables: ObjectTables
  readonly asOf: AsOfIndex
  readonly slots: Map<string, Slot>
  readonly timeline: TimelineItem[]
  readonly liveness: LivenessState
  readonly producers: ProducersState
  readonly economics: EconomicsState
}

/** The state before the first record. */
export function emptyRecords(): RecordsState {
  return {
    position: 0,
    at: 0,
    tables: emptyTables(),
    asOf: emptyAsOf(),
    slots: new Map(),
    timeline: [],
    liveness: new Map(),
    producers: new Map(),
    economics: emptyEconomics(),
  }
}
