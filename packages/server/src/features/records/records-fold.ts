import type { Tier } from '@quarterdeck/sdk/contract/record'
import type { Fold } from '../../core/projection.ts'
import {
  applyRecord,
  emptyRecords,
  loadRecords,
  type RecordsState,
  saveRecords,
  type Touched,
} from './fold/records-fold.ts'

/** The fold of records as a projection runs it. `source` changes with the code in ./fold. */
export function recordsFold(source: string): Fold<RecordsState, Touched> {
  return {
    name: 'records',
    source,
    empty: emptyRecords,
    apply: (state, { position, id, receivedAt, attributes, payload }) =>
      applyRecord(state, {
        position,
        id,
        receivedAt,
        tier: attributes.tier as Tier,
        record: JSON.parse(payload) as Record<string, unknown>,
      }),
    save: saveRecords,
    load: loadRecords,
  }
}
