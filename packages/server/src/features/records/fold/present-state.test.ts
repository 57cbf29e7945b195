import { OperatingState } from '@quarterdeck/sdk/contract/state'
import { expect, test } from 'vitest'
import { listObjects, listProducers, presentObject, presentState } from './records-fold.ts'
import { event, liveness, minute, projection, shown, start, told } from './story.test-kit.ts'

const after = (minutes: number) => start + minutes * 60_000
const needs = (minutes: number, ...entries: Parameters<typeof told>) =>
  presentState(told(...entries).state, after(minutes)).needsYou.map(({ kind, id, why }) => [kind, id, why])

test('a presented state matches the contract', () => {
  const { state } = told(
    event(1, 'process.started', 'p'),
    event(2, 'gate.failed', 'g', { reason: 'r', actions: [{ id: 'a' }] }),
    projection(3, { claims: [{ id: 'c', status: 'stale' }] }),
    liveness(4, {}),
  )
  const presented = presentState(state, after(5))
  expect(OperatingState.parse(presented)).toEqual(presented)
  expect(presented).toMatchObject({ position: 4, at: minute(4), currentStage: 'g', truncated: [] })
  expect(presentState(told().state, 0)).toMatchObject({ position: 0, at: null, currentStage: null })
})

test('the current stage is the first gate that waits or failed', () => {
  const { state } = told(
    event(1, 'gate.passed', 'a'),
    event(2, 'gate.failed', 'b'),
    event(3, 'gate.opened', 'c'),
  )
  expect(presentState(state, start).currentStage).toBe('b')
})

test('an array holds 1,000, the unfinished first; counts stay exact', () => {
  const finished = Array.from({ length: 1_500 }, (_, n) => event(n + 1, 'gate.passed', `done-${n}`))
  const open = Array.from({ length: 600 }, (_, n) => event(n + 2_000, 'gate.opened', `open-${n}`, { at: 1 }))
  const { state } = told(...finished, ...open, event(3_000, 'gate.passed', 'open-0', { at: 2 }))
  const { gates, counts, truncated } = presentState(state, start)
  expect(gates).toHaveLength(1_000)
  expect(gates.slice(0, 599).every(({ status }) => status === 'waiting')).toBe(true)
  expect(gates.slice(599).every(({ status }) => status === 'passed')).toBe(true)
  expect(gates.at(-1)?.id).toBe('open-0')
  expect(counts.gates).toEqual({ total: 2_100, byStatus: { passed: 1_501, waiting: 599 } })
  expect(truncated).toEqual(['gates', 'needsYou'].filter((name) => name === 'gates'))
  const listed = listObjects(state, 'gates', {}, start)
  expect(listed.map(({ id }) => id)).toEqual([
    ...finished.map((_, n) => `done-${n}`),
    ...open.map((_, n) => `open-${n}`),
  ])
  expect(listObjects(state, 'gates', { status: 'waiting' }, start)).toHaveLength(599)
})

test('more than 1,000 unfinished are cut to the newest', () => {
  const open = Array.from({ length: 2_600 }, (_, n) => event(n + 1, 'claim.status.changed', `c-${n}`))
  const { claims } = presentState(told(...open).state, start)
  expect(claims.map(({ id }) => id)).toEqual(open.slice(-1_000).map((_, n) => `c-${n + 1_600}`))
})

test('an accepted exception makes the gates in its refs stand by it, until it ends', () => {
  const refs = [{ product: 'flow', kind: 'gate', id: 'g' }]
  const entries = [
    event(1, 'gate.failed', 'g'),
    event(2, 'exception.accepted', 'x', { refs, after: { expiresAt: minute(30) } }),
  ]
  const { state, touched } = told(...entries)
  expect(touched).toContainEqual({ kind: 'gates', product: 'flow', id: 'g' })
  const during = presentState(state, after(29))
  expect(during.gates[0]?.status).toBe('accepted_by_exception')
  expect(during.counts.gates).toEqual({ total: 1, byStatus: { accepted_by_exception: 1 } })
  expect(during).toMatchObject({ currentStage: null, needsYou: [] })
  expect(listObjects(state, 'gates', { status: 'accepted_by_exception' }, after(29))).toHaveLength(1)
  const then = presentState(state, after(30))
  expect(then.gates[0]?.status).toBe('failed')
  expect(then.exceptions[0]?.status).toBe('expired')
  expect(then.counts.exceptions).toEqual({ total: 1, byStatus: { expired: 1 } })
  expect(then.currentStage).toBe('g')
  expect(presentObject(state, 'gates', 'flow', 'g', after(29))?.status).toBe('accepted_by_exception')
})

test('an exception that is requested or rejected changes no gate', () => {
  const refs = [{ product: 'flow', kind: 'gate', id: 'g' }]
  for (const type of ['exception.requested', 'exception.rejected'])
    expect(shown([event(1, 'gate.failed', 'g'), event(2, type, 'x', { refs })], 'gates', 'g')?.status).toBe(
      'failed',
    )
})

test('a person is needed where things stand still', () => {
  const process = (status: string) => event(1, 'process.started', 'p', { after: { status } })
  for (const status of ['paused', 'blocked', 'needs_input', 'review_pending'])
    expect(needs(1, process(status))).toEqual([['processes', 'p', status]])
  for (const status of ['not_started', 'waiting', 'running', 'completed', 'failed'])
    expect(needs(1, process(status))).toEqual([])
  for (const status of ['open', 'waiting', 'blocked', 'failed'])
    expect(needs(1, event(1, 'gate.opened', 'g', { after: { status } }))).toEqual([['gates', 'g', status]])
  for (const status of ['passed', 'routed_back'])
    expect(needs(1, event(1, 'gate.opened', 'g', { after: { status } }))).toEqual([])
  for (const [status, needed] of [
    ['stale', 1],
    ['disputed', 1],
    ['verified', 0],
    ['proposed', 0],
  ] as const)
    expect(needs(1, event(1, 'claim.status.changed', 'c', { after: { status } }))).toHaveLength(needed)
  expect(needs(1, event(1, 'review_item.opened', 'r'))).toEqual([['reviewItems', 'r', 'open']])
  expect(needs(1, event(1, 'exception.requested', 'x'))).toEqual([['exceptions', 'x', 'requested']])
  expect(needs(1, event(1, 'action.requested', 'a'))).toEqual([['actions', 'a', 'pending']])
  expect(needs(1, event(1, 'action.completed', 'a'))).toEqual([])
})

test('a running process is needed after 30 minutes without a word, unless someone holds it', () => {
  const started = event(1, 'process.started', 'p', { at: 0 })
  expect(needs(30, started)).toEqual([])
  expect(needs(31, started)).toEqual([['processes', 'p', 'unheard']])
  expect(needs(31, started, event(2, 'process.progressed', 'p', { at: 10 }))).toEqual([])
  expect(needs(31, started, liveness(2, { at: 25, subjectId: 'p' }))).toEqual([])
})

test('since is when the status came, not when it was last repeated', () => {
  const { state } = told(event(1, 'gate.failed', 'g'), event(2, 'gate.failed', 'g'))
  expect(presentState(state, after(3)).needsYou).toMatchObject([{ id: 'g', since: minute(1) }])
})

test('a producer heard within a day but not within the hour is needed', () => {
  const heard = event(1, 'weather.changed', 'x', { at: 0 })
  expect(needs(60, heard)).toEqual([])
  expect(needs(61, heard)).toEqual([['producers', 'runner', 'unheard']])
  expect(needs(24 * 60, heard)).toHaveLength(1)
  expect(needs(24 * 60 + 1, heard)).toEqual([])
})

test('producers show when they were heard, what they sent and which numbers are missing', () => {
  const numbers = [5, 6, 9, 3, 8, 20, 9]
  const { state } = told(
    ...numbers.map((sequence, n) => event(n + 1, 'gate.opened', 'g', { sequence })),
    event(8, 'gate.opened', 'g', { producer: { id: 'runner', product: 'flow', runId: 'r2' }, sequence: 1 }),
    projection(9, {}),
  )
  expect(listProducers(state)).toEqual([
    { product: 'claims', id: 'trust', lastSeen: minute(9), counts: { 'console.projection': 1 }, gaps: [] },
    {
      product: 'flow',
      id: 'runner',
      lastSeen: minute(8),
      counts: { 'console.event': 8 },
      gaps: [
        { from: 4, to: 4 },
        { from: 7, to: 7 },
        { from: 10, to: 19 },
      ],
    },
  ])
})
