import { canonical } from '@quarterdeck/sdk/digest'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FoldEntry } from './fold-entry.ts'
import {
  applyRecord,
  emptyRecords,
  loadRecords,
  presentState,
  type RecordsState,
  saveRecords,
} from './records-fold.ts'
import { event, liveness, projection, start } from './story.test-kit.ts'

const types = [
  'process.started',
  'process.progressed',
  'process.completed',
  'gate.opened',
  'gate.failed',
  'claim.status.changed',
  'claim.dispute.resolved',
  'exception.accepted',
  'review_item.approved',
  'decision.recorded',
  'weather.changed',
]
const id = fc.constantFrom('a', 'b', 'c')
const at = fc.integer({ min: 0, max: 60 })
const status = fc.constantFrom('running', 'stale', 'completed', 'failed', 'odd')
const fields = fc.record(
  { status, title: fc.constantFrom('x', 'y', null), owner: fc.constantFrom('ann', null) },
  { requiredKeys: [] },
)
const refs = fc.array(
  id.map((one) => ({ product: 'flow', kind: 'gate', id: one })),
  { maxLength: 2 },
)
const producer = fc.constantFrom({ id: 'runner', product: 'flow' }, { id: 'r2', product: 'flow', runId: 'x' })

const anEvent = fc
  .record({
    type: fc.constantFrom(...types),
    id,
    at,
    after: fields,
    refs,
    producer,
    sequence: fc.nat(20),
    r: fc.boolean(),
  })
  .map(({ type, id, r, sequence, ...rest }) => (position: number) => {
    const numbered = sequence > 10 ? { sequence } : {}
    return event(position, type, id, { ...rest, ...numbered, ...(r ? { reason: 'why' } : {}) })
  })
const aProjection = fc
  .record({
    at,
    claims: fc.array(
      fc.tuple(id, fields).map(([id, rest]) => ({ id, product: 'flow', ...rest })),
      { maxLength: 3 },
    ),
    processes: fc.array(
      fc.tuple(id, fields).map(([id, rest]) => ({ id, product: 'flow', ...rest })),
      { maxLength: 3 },
    ),
    scope: id.map((one) => ({ kind: 'repo', id: one })),
    last: fc.integer({ min: 1, max: 30 }),
  })
  .map(
    ({ last, ...rest }) =>
      (position: number) =>
        projection(position, { ...rest, derivedFrom: { mode: 'm', lastAcceptedEventId: `e${last}` } }),
  )
const aLiveness = fc
  .record({ at, actor: id, type: fc.constantFrom('claim', 'heartbeat', 'release') })
  .map((said) => (position: number) => liveness(position, said))

const story = fc
  .array(fc.oneof({ weight: 6, arbitrary: anEvent }, { weight: 3, arbitrary: aProjection }, aLiveness), {
    minLength: 1,
    maxLength: 40,
  })
  .map((tellers) => tellers.map((tell, index) => tell(index + 1)))

const fold = (entries: readonly FoldEntry[], state = emptyRecords()): RecordsState => {
  for (const entry of entries) applyRecord(state, entry)
  return state
}
const seen = (state: RecordsState) => canonical(presentState(state, start + 61 * 60_000))

test('a state saved, loaded and folded on equals the fold of all', () => {
  fc.assert(
    fc.property(story, fc.nat(40), (entries, cut) => {
      const whole = fold(entries)
      const restored = loadRecords(saveRecords(fold(entries.slice(0, cut))))
      const touched = entries.slice(cut).map((entry) => applyRecord(restored, entry))
      expect(seen(restored)).toBe(seen(whole))
      const again = fold(entries.slice(0, cut))
      expect(entries.slice(cut).map((entry) => applyRecord(again, entry))).toEqual(touched)
      expect(saveRecords(restored)).toBe(saveRecords(whole))
    }),
    { numRuns: 400 },
  )
})

test('counts are those of the objects shown, whatever was told', () => {
  fc.assert(
    fc.property(story, (entries) => {
      const presented = presentState(fold(entries), start + 61 * 60_000)
      for (const array of ['processes', 'gates', 'claims', 'exceptions'] as const) {
        const byStatus: Record<string, number> = {}
        for (const { status } of presented[array])
          if (status !== undefined) byStatus[status] = (byStatus[status] ?? 0) + 1
        expect(presented.counts[array]).toEqual({ total: presented[array].length, byStatus })
      }
    }),
  )
})

test('what an entry changes of a shown object it names as touched', () => {
  fc.assert(
    fc.property(story, (entries) => {
      const state = emptyRecords()
      let before = new Map<string, string>()
      for (const entry of entries) {
        const touched = new Set(
          applyRecord(state, entry).map((one) => `${one.kind}/${one.product}/${one.id}`),
        )
        const presented = presentState(state, start)
        const after = new Map<string, string>()
        for (const array of [
          'processes',
          'gates',
          'claims',
          'decisions',
          'exceptions',
          'reviewItems',
        ] as const)
          for (const object of presented[array])
            after.set(`${array}/${object.product}/${object.id}`, canonical(object))
        for (const key of new Set([...before.keys(), ...after.keys()]))
          if (before.get(key) !== after.get(key)) expect(touched).toContain(key)
        before = after
      }
    }),
  )
})
