import type { StreamEvent } from '@quarterdeck/sdk/client'
import { arrays } from '@quarterdeck/sdk/contract/record'
import type { OperatingState, StateObject } from '@quarterdeck/sdk/contract/state'
import { describe, expect, test } from 'vitest'
import { createLiveStore } from './live-store.ts'

const object = (id: string, status: string): StateObject => ({
  product: 'flow',
  id,
  status,
  provenance: { from: 'event', producer: { id: 'runner', product: 'flow' }, position: 1, tier: 'own' },
})

function state(position: number, gates: StateObject[], more: Partial<OperatingState> = {}): OperatingState {
  const byStatus: Record<string, number> = {}
  for (const { status } of gates) byStatus[status ?? ''] = (byStatus[status ?? ''] ?? 0) + 1
  return {
    ...(Object.fromEntries(arrays.map((name) => [name, []])) as unknown as OperatingState),
    position,
    at: null,
    counts: { gates: { total: gates.length, byStatus } },
    currentStage: null,
    needsYou: [],
    truncated: [],
    actors: [],
    reclaimableActors: [],
    projections: [],
    timeline: [],
    gates,
    ...more,
  }
}

const snapshot = (of: OperatingState): StreamEvent => ({
  type: 'snapshot',
  topic: 'state',
  position: of.position,
  state: of,
})
const delta = (position: number, id: string, gate: StateObject | null): StreamEvent => ({
  type: 'delta',
  topic: 'state',
  position,
  changes: [{ kind: 'gates', product: 'flow', id, object: gate }],
})

function storeOf(...events: StreamEvent[]) {
  const store = createLiveStore((tell) => tell())
  for (const event of events) store.take(event)
  return store
}

describe('the live store', () => {
  test('joins deltas to the snapshot and keeps the counts', () => {
    const store = storeOf(
      snapshot(state(1, [object('a', 'waiting'), object('b', 'waiting')])),
      delta(2, 'a', object('a', 'passed')),
      delta(3, 'c', object('c', 'open')),
      delta(4, 'b', null),
    )
    const { state: now } = store.get()
    expect(now?.position).toBe(4)
    expect(now?.gates.map(({ id, status }) => [id, status])).toEqual([
      ['a', 'passed'],
      ['c', 'open'],
    ])
    expect(now?.counts.gates).toEqual({ total: 2, byStatus: { passed: 1, open: 1 } })
  })

  test('applies nothing twice and nothing without a snapshot', () => {
    expect(storeOf(delta(2, 'a', object('a', 'open'))).get().state).toBeUndefined()
    const store = storeOf(snapshot(state(5, [object('a', 'passed')])), delta(4, 'a', object('a', 'failed')))
    expect(store.get().state?.gates[0]?.status).toBe('passed')
  })

  test('takes the snapshot after a gap in the place of what it had', () => {
    const store = storeOf(
      snapshot(state(1, [object('a', 'waiting')])),
      { type: 'gap', topic: 'state', from: 1, to: 90, reason: 'too_far' },
      snapshot(state(90, [object('z', 'failed')])),
    )
    expect(store.get().state?.gates.map(({ id }) => id)).toEqual(['z'])
  })

  test('leaves the counts of a cut array to the next whole state', () => {
    const cut = state(1, [object('a', 'waiting')], {
      truncated: ['gates'],
      counts: { gates: { total: 2000, byStatus: { waiting: 2000 } } },
    })
    const store = storeOf(snapshot(cut), delta(2, 'unseen', object('unseen', 'passed')))
    expect(store.get().state?.counts.gates?.total).toBe(2000)
  })

  test('does not go back to an older whole state', () => {
    const store = storeOf(snapshot(state(7, [object('a', 'passed')])))
    store.replaceState(state(6, []))
    expect(store.get().state?.gates).toHaveLength(1)
    store.replaceState(state(7, [], { currentStage: 'tests' }))
    expect(store.get().state?.currentStage).toBe('tests')
  })

  test('tells a burst once', () => {
    const scheduled: (() => void)[] = []
    const store = createLiveStore((tell) => scheduled.push(tell))
    let told = 0
    store.subscribe(() => {
      told += 1
    })
    store.take(snapshot(state(1, [])))
    for (let position = 2; position < 50; position += 1) store.take(delta(position, 'a', object('a', 'open')))
    for (const tell of scheduled) tell()
    expect([scheduled.length, told, store.get().state?.position]).toEqual([1, 1, 49])
  })
})
