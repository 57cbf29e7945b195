import type { ArrayName } from '@quarterdeck/sdk/contract/record'
import { describe, expect, test } from 'vitest'
import { presentState } from './records-fold.ts'
import { event, minute, shown, start, told } from './story.test-kit.ts'

const learning = {
  summary: 'retry helps',
  subjectRef: { product: 'flow', kind: 'process', id: 'p' },
  family: 'workflow',
  nonAuthority: true,
}

const table: [
  type: string,
  array: ArrayName,
  status: string | undefined,
  payload?: Record<string, unknown>,
][] = [
  ['process.started', 'processes', 'running'],
  ['process.progressed', 'processes', undefined],
  ['process.paused', 'processes', 'paused'],
  ['process.resumed', 'processes', 'running'],
  ['process.blocked', 'processes', 'blocked'],
  ['process.completed', 'processes', 'completed'],
  ['gate.opened', 'gates', 'waiting'],
  ['gate.passed', 'gates', 'passed'],
  ['gate.failed', 'gates', 'failed'],
  ['gate.routed_back', 'gates', 'routed_back'],
  ['gate.enriched', 'gates', undefined],
  ['claim.status.changed', 'claims', 'verified', { after: { status: 'verified' } }],
  ['claim.freshness.changed', 'claims', 'stale', { after: { status: 'stale' } }],
  ['claim.reverification.requested', 'claims', undefined],
  ['claim.reverification.completed', 'claims', undefined],
  ['claim.dispute.resolved', 'claims', undefined],
  ['review_item.opened', 'reviewItems', 'open'],
  ['review_item.updated', 'reviewItems', undefined],
  ['review_item.approved', 'reviewItems', 'approved'],
  ['review_item.rejected', 'reviewItems', 'rejected'],
  ['decision.recorded', 'decisions', undefined],
  ['action.requested', 'actions', 'pending'],
  ['action.completed', 'actions', 'completed'],
  ['exception.requested', 'exceptions', 'requested'],
  ['exception.accepted', 'exceptions', 'accepted'],
  ['exception.rejected', 'exceptions', 'rejected'],
  ['evidence.attached', 'evidence', 'available'],
  ['inquiry.resolved', 'inquiries', undefined, { after: { outcome: 'matched' } }],
  ['inquiry.mapping.proposed', 'inquiries', undefined],
  ['inquiry.mapping.reviewed', 'inquiries', undefined],
  ['learning.recorded', 'learnings', undefined, learning],
  ['flow.pipeline.snapshot', 'pipelines', undefined, { after: { stages: ['plan'] } }],
]

describe('every event type moves an object of its array', () => {
  test.each(table)('%s', (type, array, status, payload = {}) => {
    const entry = event(1, type, 'x', { ...payload, at: 3 })
    const { state, touched } = told(entry)
    expect(touched).toContainEqual({ kind: array, product: 'flow', id: 'x' })
    const object = presentState(state, start)[array].find(({ id }) => id === 'x')
    expect(object?.status).toBe(status)
    expect(object?.provenance).toEqual({
      from: 'event',
      producer: { id: 'runner', product: 'flow' },
      position: 1,
      tier: 'own',
    })
  })
})

test('liveness events and unknown types only join the timeline', () => {
  const { state, touched } = told(event(1, 'liveness.claimed', 'x'), event(2, 'weather.changed', 'x'))
  expect(touched).toEqual([])
  const { counts, timeline } = presentState(state, start)
  expect(Object.values(counts).map(({ total }) => total)).toEqual(Object.values(counts).map(() => 0))
  expect(timeline.map(({ type }) => type)).toEqual(['weather.changed', 'liveness.claimed'])
})

test('the timeline holds the newest 50, newest first', () => {
  const entries = Array.from({ length: 330 }, (_, index) => event(index + 1, 'gate.opened', 'g'))
  const { timeline } = presentState(told(...entries).state, start)
  expect(timeline).toHaveLength(50)
  expect(timeline[0]).toMatchObject({ position: 330, subject: 'flow/gate/g', producer: 'runner' })
  expect(timeline.at(-1)?.position).toBe(281)
})

test('after is merged field by field, values whole, and null removes', () => {
  const object = shown(
    [
      event(1, 'process.started', 'p', { after: { title: 'A', plan: { a: 1, b: 2 }, owner: 'ann' } }),
      event(2, 'process.progressed', 'p', { after: { plan: { c: 3 }, owner: null }, before: { title: 'Z' } }),
    ],
    'processes',
    'p',
  )
  expect(object).toMatchObject({ title: 'A', plan: { c: 3 }, status: 'running' })
  expect(object?.plan).not.toHaveProperty('a')
  expect(object).not.toHaveProperty('owner')
})

test('a record cannot write what the platform says of an object', () => {
  const object = shown(
    [event(1, 'gate.opened', 'g', { after: { id: 'x', product: 'y', provenance: 'mine' } })],
    'gates',
    'g',
  )
  expect(object).toMatchObject({ id: 'g', product: 'flow', provenance: { from: 'event' } })
})

test('the status named in after goes before that of the type', () => {
  const entries = [event(1, 'gate.opened', 'g', { after: { status: 'blocked' } })]
  expect(shown(entries, 'gates', 'g')?.status).toBe('blocked')
})

test('a status that is not listed is kept and counts as open', () => {
  const { state } = told(event(1, 'gate.opened', 'g', { after: { status: 'dreaming' } }))
  const { counts, needsYou } = presentState(state, start)
  expect(counts.gates).toEqual({ total: 1, byStatus: { dreaming: 1 } })
  expect(needsYou).toMatchObject([{ kind: 'gates', id: 'g', why: 'dreaming' }])
})

test('enriching a gate or mapping an inquiry leaves its status, whatever it names', () => {
  const gate = [
    event(1, 'gate.failed', 'g'),
    event(2, 'gate.enriched', 'g', { after: { status: 'passed', n: 1 } }),
  ]
  expect(shown(gate, 'gates', 'g')).toMatchObject({ status: 'failed', n: 1 })
  const inquiry = [
    event(1, 'inquiry.resolved', 'i', { after: { outcome: 'derived' } }),
    event(2, 'inquiry.mapping.reviewed', 'i', { after: { outcome: 'matched' } }),
  ]
  expect(shown(inquiry, 'inquiries', 'i')?.outcome).toBe('derived')
})

test.each(['completed', 'failed', 'cancelled'])(
  'a process that %s is reopened only by a start or a resume',
  (status) => {
    const over = [
      event(1, 'process.started', 'p'),
      event(2, 'process.progressed', 'p', { after: { status } }),
    ]
    const again = event(3, 'process.progressed', 'p', {
      after: { status: 'running', step: 4 },
      reason: 'late news',
    })
    expect(shown([...over, again], 'processes', 'p')).toMatchObject({ status, step: 4 })
    expect(shown([...over, again], 'processes', 'p')).not.toHaveProperty('reason')
    expect(shown([...over, event(3, 'process.blocked', 'p')], 'processes', 'p')?.status).toBe(status)
    expect(shown([...over, event(3, 'process.resumed', 'p')], 'processes', 'p')?.status).toBe('running')
    expect(shown([...over, event(3, 'process.started', 'p')], 'processes', 'p')?.status).toBe('running')
  },
)

test('a reason shows until the next status', () => {
  const failed = event(1, 'gate.failed', 'g', { reason: '2 tests fail' })
  const enriched = event(2, 'gate.enriched', 'g', { after: { note: 'n' } })
  expect(shown([failed, enriched], 'gates', 'g')?.reason).toBe('2 tests fail')
  expect(shown([failed, enriched, event(3, 'gate.passed', 'g')], 'gates', 'g')).not.toHaveProperty('reason')
})

test('refs and links add up as sets', () => {
  const a = { product: 'flow', kind: 'process', id: 'p' }
  const b = { product: 'flow', kind: 'process', id: 'q' }
  const link = { from: a, to: b, relation: 'after' }
  const object = shown(
    [
      event(1, 'evidence.attached', 'e', { refs: [a], links: [link] }),
      event(2, 'evidence.attached', 'e', { refs: [a, b], links: [link, { ...link, relation: 'before' }] }),
    ],
    'evidence',
    'e',
  )
  expect(object?.refs).toEqual([a, b])
  expect(object?.links).toEqual([link, { ...link, relation: 'before' }])
})

test('actions in a payload are offered read-only, by the authority that offers them', () => {
  const { state, touched } = told(
    event(1, 'gate.failed', 'g', {
      actions: [{ id: 'retry', kind: 'command', readOnly: false, run: 'rm -rf /' }],
    }),
    event(2, 'gate.failed', 'g', { actions: [{ id: 'retry', label: 'Retry' }] }),
  )
  expect(touched).toContainEqual({ kind: 'actions', product: 'flow', id: 'retry' })
  expect(presentState(state, start).actions).toMatchObject([
    {
      id: 'retry',
      kind: 'command',
      label: 'Retry',
      authority: 'flow',
      status: 'available',
      readOnly: true,
      subjectRef: { product: 'flow', kind: 'gate', id: 'g' },
    },
  ])
})

test('an action that was completed is not offered again by a repetition', () => {
  const offer = { actions: [{ id: 'retry', authority: 'ops' }] }
  const entries = [
    event(1, 'gate.failed', 'g', offer),
    event(2, 'action.completed', 'retry'),
    event(3, 'gate.failed', 'g', offer),
  ]
  expect(shown(entries, 'actions', 'retry')).toMatchObject({ status: 'completed', authority: 'ops' })
})

test('a decision is recorded once', () => {
  const entries = [
    event(1, 'decision.recorded', 'd', { after: { choice: 'left' } }),
    event(2, 'decision.recorded', 'd', { after: { choice: 'right' } }),
  ]
  expect(told(...entries).touched).toEqual([])
  expect(shown(entries, 'decisions', 'd')).toMatchObject({
    choice: 'left',
    kind: 'decision',
    decidedAt: minute(1),
  })
})

test.each(['review_item.approved', 'review_item.rejected', 'claim.dispute.resolved'])(
  '%s adds a decision',
  (type) => {
    const { state } = told(event(1, type, 'x', { id: 'the-event' }))
    expect(presentState(state, start).decisions).toMatchObject([
      { id: 'the-event', kind: type, decidedAt: minute(1), subjectRef: { product: 'flow', id: 'x' } },
    ])
  },
)

test.each(['summary', 'subjectRef', 'family', 'nonAuthority'])(
  'a learning without %s makes none',
  (missing) => {
    const { [missing]: _, ...rest } = learning as Record<string, unknown>
    expect(told(event(1, 'learning.recorded', 'l', rest)).touched).toEqual([])
    expect(shown([event(1, 'learning.recorded', 'l', { after: learning })], 'learnings', 'l')).toMatchObject(
      learning,
    )
  },
)

test('pipelines are kept one a run', () => {
  const producer = { id: 'runner', product: 'flow', runId: 'run-7' }
  const { state } = told(
    event(1, 'flow.pipeline.snapshot', 's1', { producer, after: { stage: 'plan' } }),
    event(2, 'flow.pipeline.snapshot', 's2', { producer, after: { stage: 'build' } }),
    event(3, 'flow.pipeline.snapshot', 'run-8', { data: { stage: 'plan' } }),
  )
  expect(presentState(state, start).pipelines).toMatchObject([
    { id: 'run-7', stage: 'build' },
    { id: 'run-8', stage: 'plan' },
  ])
})
