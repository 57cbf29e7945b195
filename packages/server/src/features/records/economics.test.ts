import { EconomicsAnswer } from '@quarterdeck/sdk/contract/economics'
import { expect, test } from 'vitest'
import { economicsView } from './economics.ts'
import { loadRecords, saveRecords } from './fold/records-fold.ts'
import { economics, start, told } from './fold/story.test-kit.ts'

const view = (name: Parameters<typeof economicsView>[1], ...runs: Parameters<typeof told>) => {
  const answer = economicsView(loadRecords(saveRecords(told(...runs).state)).economics, name)
  expect(EconomicsAnswer.parse(answer)).toEqual(answer)
  return answer
}

// Worked by hand: large/bare costs (3 + 5 + 2) / 2 = 5 an accepted run, small/+kit (1 + 1.5) / 1 = 2.5.
const table = [
  economics(1, {
    tier: 'large',
    kit: 'bare',
    label: 'accepted',
    cost: 3,
    iterations: 2,
    found: [1, 0, 0, 0],
  }),
  economics(2, {
    tier: 'large',
    kit: 'bare',
    label: 'rejected',
    cost: 5,
    iterations: 4,
    found: [0, 2, 0, 1],
  }),
  economics(3, { tier: 'large', kit: 'bare', label: 'accepted', cost: 2, iterations: 1 }),
  economics(4, {
    tier: 'small',
    kit: '+kit',
    label: 'accepted',
    cost: 1,
    iterations: 1,
    found: [0, 0, 3, 0],
  }),
  economics(5, { tier: 'small', kit: '+kit', cost: 1.5, iterations: 2 }),
  economics(6, { tier: 'small', kit: 'bare', label: 'rejected', cost: 9, iterations: 3 }),
  economics(7, { label: 'accepted', cost: null }),
]

test('value is what an accepted run cost, by tier and kit', () => {
  expect(view('value', ...table)).toEqual({
    view: 'value',
    rows: [
      {
        modelTier: 'large',
        kitCondition: 'bare',
        runs: 3,
        accepted: 2,
        acceptanceRate: 2 / 3,
        iterationsPerAccepted: 3.5,
        findings: 4,
        costPerAccepted: 5,
      },
      {
        modelTier: 'small',
        kitCondition: '+kit',
        runs: 2,
        accepted: 1,
        acceptanceRate: 0.5,
        iterationsPerAccepted: 3,
        findings: 3,
        costPerAccepted: 2.5,
      },
      {
        modelTier: 'small',
        kitCondition: 'bare',
        runs: 1,
        accepted: 0,
        acceptanceRate: 0,
        iterationsPerAccepted: null,
        findings: 0,
        costPerAccepted: null,
      },
      {
        modelTier: 'unattributed',
        kitCondition: 'unattributed',
        runs: 1,
        accepted: 1,
        acceptanceRate: 1,
        iterationsPerAccepted: 1,
        findings: 0,
        costPerAccepted: null,
      },
    ],
    headline: { ratio: 2, verdict: 'exceeds' },
  })
})

test.each([
  [1.02, 1, 'exceeds'],
  [1.019, 1, 'meets'],
  [0.98, 1, 'meets'],
  [0.979, 1, 'below'],
  [0, 1, 'unknown'],
  [1, 0, 'unknown'],
  [null, 1, 'unknown'],
  [1, null, 'unknown'],
] as const)('the headline of %s over %s is %s', (large, small, verdict) => {
  const answer = view(
    'value',
    economics(1, { tier: 'large', kit: 'bare', label: 'accepted', cost: large }),
    economics(2, { tier: 'small', kit: '+kit', label: 'accepted', cost: small }),
  )
  expect(answer).toMatchObject({
    headline: { ratio: verdict === 'unknown' ? null : Number(large) / Number(small), verdict },
  })
})

test('where nothing was accepted the headline is unknown', () => {
  const answer = view('value', economics(1, { tier: 'large', kit: 'bare', label: 'rejected' }))
  expect(answer).toMatchObject({ headline: { ratio: null, verdict: 'unknown' } })
})

test('delegations are counted by role and model, without the provider', () => {
  const reviewer = (outcome: string, model = 'opus@cloud') => ({
    role: 'review',
    resolved_model: model,
    outcome,
  })
  const answer = view(
    'delegations',
    economics(1, {
      models: { 'opus@cloud': 2, 'mini@cloud': 0.25 },
      delegations: [
        reviewer('accepted'),
        reviewer('rework', 'opus'),
        reviewer('unavailable'),
        { outcome: 'failed' },
      ],
    }),
    economics(2, { models: { opus: 0.5 }, delegations: [reviewer('diverged', 'opus@other')] }),
    economics(3, { models: { opus: 100 } }),
    economics(4, {
      models: { mini: null },
      delegations: [{ role: 'review', resolved_model: 'mini', outcome: 'unavailable' }],
    }),
  )
  const none = { accepted: 0, rework: 0, diverged: 0, failed: 0, unavailable: 0 }
  const costBasis = 'model-proxy'
  expect(answer).toEqual({
    view: 'delegations',
    rows: [
      {
        role: 'review',
        model: 'mini',
        outcomes: { ...none, unavailable: 1 },
        acceptanceRate: null,
        costUsd: null,
        costBasis,
      },
      {
        role: 'review',
        model: 'opus',
        outcomes: { ...none, accepted: 1, rework: 1, diverged: 1, unavailable: 1 },
        acceptanceRate: 1 / 3,
        costUsd: 2.5,
        costBasis,
      },
      {
        role: 'unattributed',
        model: 'unattributed',
        outcomes: { ...none, failed: 1 },
        acceptanceRate: 0,
        costUsd: null,
        costBasis,
      },
    ],
    coverage: { measurable: 4, unavailable: 2 },
  })
})

test('cost is by task and UTC day, beside what was found', () => {
  const answer = view(
    'cost',
    economics(1, { slug: 'b', at: '2026-11-20T23:30:00-02:00', cost: 0.1, caught: 1 }),
    economics(2, { slug: 'b', at: '2026-11-21T05:00:00Z', cost: 0.2, found: [1, 1, 1, 1], caught: 2 }),
    economics(3, { slug: 'a', at: '2026-11-20T05:00:00Z', cost: null }),
    economics(4, { at: undefined, receivedAt: Date.parse('2026-11-19T00:00:00Z') }),
  )
  expect(answer).toEqual({
    view: 'cost',
    rows: [
      { taskSlug: 'a', day: '2026-11-20', runs: 1, costUsd: null, findings: 0, caughtFalseCompletions: 0 },
      {
        taskSlug: 'b',
        day: '2026-11-21',
        runs: 2,
        costUsd: 0.1 + 0.2,
        findings: 4,
        caughtFalseCompletions: 3,
      },
      {
        taskSlug: 'unattributed',
        day: '2026-11-19',
        runs: 1,
        costUsd: 1,
        findings: 0,
        caughtFalseCompletions: 0,
      },
    ],
  })
})

test('the funnel adds runs up; first pass means one iteration and no way back', () => {
  const answer = view(
    'funnel',
    economics(1, { iterations: 1, wait: 10, found: [1, 2, 3, 4], fires: 2 }),
    economics(2, { iterations: 0 }),
    economics(3, { iterations: 1, routeBacks: 1, wait: 0.5 }),
    economics(4, { iterations: 2, found: [1, 0, 0, 0], fires: 1 }),
  )
  expect(answer).toEqual({
    view: 'funnel',
    runs: 4,
    iterations: 4,
    routeBacks: 1,
    humanWaitS: 10.5,
    gateFires: 3,
    findings: { critical: 2, high: 2, medium: 3, low: 4 },
    firstPassRate: 0.5,
  })
  expect(view('funnel')).toMatchObject({ runs: 0, firstPassRate: null })
})

test('a view covers the runs from an instant to before another', () => {
  const { economics: state } = told(...table).state
  const runs = (from?: number, to?: number) => {
    const answer = economicsView(state, 'funnel', from, to)
    return answer.view === 'funnel' ? answer.runs : -1
  }
  expect(runs(start + 60_000, start + 3 * 60_000)).toBe(2)
  expect(runs(start + 7 * 60_000)).toBe(1)
  expect(runs(undefined, start + 60_000)).toBe(0)
})
