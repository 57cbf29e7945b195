import { TelemetryAnswer, TelemetryQuery } from '@quarterdeck/sdk/contract/telemetry-query'
import { expect, test } from 'vitest'
import { memoryLog } from '../../adapters/memory/log.ts'
import { TooSlow } from '../../ports/log.ts'
import { telemetryShape } from './shape.ts'
import { actor, now, stageOn } from './stored.test-kit.ts'

const stage = (more?: Parameters<typeof stageOn>[1]) => stageOn(memoryLog({ shape: telemetryShape }), more)

type Input = Parameters<(typeof TelemetryQuery)['parse']>[0]
const ask = async (at: ReturnType<typeof stage>, input: Input = {}) => {
  const answer = await at.reads.query(actor, TelemetryQuery.parse(input))
  expect(TelemetryAnswer.parse(answer)).toEqual(answer)
  return answer
}
const problem = async (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: { code: string; issues: { path: unknown[] }[] }) => ({
      code: error.code,
      path: error.issues[0]?.path,
    }),
  )
const values = (answer: Awaited<ReturnType<typeof ask>>, id: string) =>
  answer.facets.find((facet) => facet.id === id)?.values
const iso = (at: number) => new Date(at).toISOString()

test('a preset ends now; live is the last minute', async () => {
  const at = stage()
  await at.store(
    { ago: 0 },
    { ago: 59 },
    { ago: 61 },
    { ago: 14 * 60 },
    { ago: 23 * 3600 },
    { ago: 6 * 86_400 },
  )
  expect((await ask(at)).totals.records).toBe(2)
  expect((await ask(at, { preset: '15m' })).totals.records).toBe(4)
  expect((await ask(at, { preset: '24h' })).totals.records).toBe(5)
  expect((await ask(at, { preset: '7d' })).totals.records).toBe(6)
})

test('a custom window takes its start and not its end, and spans 31 days at most', async () => {
  const at = stage()
  await at.store({ ago: 100 }, { ago: 50 })
  const custom = { preset: 'custom' } as const
  const from = iso(now - 100_000)
  expect((await ask(at, { ...custom, from, to: iso(now - 50_000) })).totals.records).toBe(1)
  const refusals: [Input, string][] = [
    [custom, 'from'],
    [{ ...custom, from }, 'to'],
    [{ ...custom, from, to: from }, 'to'],
    [{ ...custom, from: iso(now - 32 * 86_400_000), to: iso(now) }, 'to'],
    [{ from }, 'from'],
    [{ to: from }, 'to'],
  ]
  for (const [input, path] of refusals)
    expect(await problem(ask(at, input))).toEqual({ code: 'invalid', path: [path] })
})

test('totals and facets cover the whole match, whatever the page', async () => {
  const at = stage()
  await at.store(
    { tool: { name: 'bash', outcome: 'pass' }, session_id: 's1', hook: { name: 'post', model: 'opus' } },
    { tool: { name: 'bash', outcome: 'fail' }, session_id: 's2', context: { project: 'shop' } },
    { event_type: 'session.started', session_id: 's2', delegation: { role: 'review' }, status: 'open' },
  )
  const answer = await ask(at, { limit: 1 })
  expect(answer).toMatchObject({
    position: 3,
    totals: { records: 3, sessions: 2, byType: { 'tool.result': 2, 'session.started': 1 } },
  })
  expect(answer.records).toHaveLength(1)
  expect(values(answer, 'tool')).toEqual([{ value: 'bash', count: 2 }])
  expect(values(answer, 'event')).toEqual([
    { value: 'tool.result', count: 2 },
    { value: 'session.started', count: 1 },
  ])
  for (const [id, value] of [
    ['model', 'opus'],
    ['hook', 'post'],
    ['project', 'shop'],
    ['delegation', 'review'],
    ['status', 'open'],
  ])
    expect(values(answer, id as string)).toEqual([{ value, count: 1 }])
  expect(answer.facets.map(({ id }) => id).slice(0, 10)).toEqual(
    'project tool runtime model agent event outcome hook delegation status'.split(' '),
  )
})

test('a facet shows its 12 most frequent values', async () => {
  const at = stage()
  for (let tool = 0; tool < 15; tool += 1)
    for (let time = 0; time <= tool; time += 1) await at.store({ tool: { name: `t${tool}` } })
  await at.store(...Array.from({ length: 20 }, () => ({})))
  const shown = values(await ask(at), 'tool')
  expect(shown).toHaveLength(12)
  expect(shown?.[0]).toEqual({ value: 't14', count: 15 })
})

test('filters hold together across facets, and any of them within one', async () => {
  const at = stage()
  const record = (tool: string, model: string) => ({ tool: { name: tool }, hook: { model } })
  await at.store(record('a', 'm'), record('b', 'm'), record('c', 'm'), record('a', 'n'), record('x:y', 'm'))
  const count = async (...filter: string[]) => (await ask(at, { filter })).totals.records
  expect(await count('tool:a')).toBe(2)
  expect(await count('tool:a', 'tool:b')).toBe(3)
  expect(await count('tool:a', 'tool:b', 'model:m')).toBe(2)
  expect(await count('tool:x:y')).toBe(1)
  expect(await problem(ask(at, { filter: ['tool:a', 'colour:red'] }))).toEqual({
    code: 'invalid',
    path: ['filter', 1],
  })
})

test('text is found in any string of a record, case ignored', async () => {
  const at = stage()
  await at.store({ note: { deep: 'The Needle' } }, { note: 'hay' })
  expect((await ask(at, { q: 'needle' })).totals.records).toBe(1)
})

test.each(['asc', 'desc'] as const)(
  'pages in %s order show each record once, though more arrive meanwhile',
  async (sort) => {
    const at = stage()
    await at.store(...Array.from({ length: 25 }, (_, n) => ({ ago: 30 - (n % 5) })))
    const seen: number[] = []
    let cursor: string | undefined
    for (let page = 0; page < 10; page += 1) {
      const answer = await ask(at, { sort, limit: 10, ...(cursor ? { cursor } : {}) })
      expect(answer.totals.records).toBe(25)
      expect(answer.position).toBe(25)
      seen.push(...answer.records.map(({ position }) => position))
      cursor = answer.nextCursor
      if (cursor === undefined) break
      await at.store({ ago: 27 })
    }
    expect(seen).toHaveLength(25)
    expect(new Set(seen).size).toBe(25)
  },
)

test('a garbled cursor, or one of another order, is refused', async () => {
  const at = stage()
  await at.store({}, {})
  const { nextCursor } = await ask(at, { limit: 1 })
  const refusal = { code: 'invalid', path: ['cursor'] }
  expect(await problem(ask(at, { cursor: 'zzz' }))).toEqual(refusal)
  expect(await problem(ask(at, { cursor: Buffer.from('{"head":1}').toString('base64url') }))).toEqual(refusal)
  expect(await problem(ask(at, { cursor: nextCursor, sort: 'asc' }))).toEqual(refusal)
})

test('tools show outcomes and nearest-rank durations; a failure rate over nothing is null', async () => {
  const at = stage()
  const took = (duration_ms: number, outcome?: string) => ({
    tool: { name: 'run', duration_ms, ...(outcome ? { outcome } : {}) },
  })
  await at.store(
    took(10, 'pass'),
    took(20, 'fail'),
    took(30, 'pass'),
    took(40, 'ambiguous'),
    took(50, 'pass'),
  )
  await at.store({ tool: { name: 'idle', outcome: 'ambiguous' } }, {})
  expect((await ask(at)).tools).toEqual([
    { tool: 'run', count: 5, pass: 3, fail: 1, ambiguous: 1, failureRate: 0.25, p50Ms: 30, p95Ms: 50 },
    { tool: 'idle', count: 1, pass: 0, fail: 0, ambiguous: 1, failureRate: null, p50Ms: null, p95Ms: null },
  ])
})

const usage = (input_tokens: number, estimated_cost_usd?: number) => ({
  usage: {
    input_tokens,
    output_tokens: 1,
    ...(estimated_cost_usd === undefined ? {} : { estimated_cost_usd }),
  },
})
const call = (session_id: string, input: number, cost?: number) => ({
  event_type: 'otel.span',
  session_id,
  attributes: { 'gen_ai.operation.name': 'chat' },
  ...usage(input, cost),
})
const report = (session_id: string, input: number, cost?: number) => ({
  event_type: 'session.usage',
  session_id,
  ...usage(input, cost),
})

test('usage is what sessions report, and the model calls of those that report nothing', async () => {
  const at = stage()
  await at.store(
    report('s1', 100, 1),
    report('s1', 20),
    call('s1', 999, 9),
    call('s2', 3, 0.1),
    call('s2', 4, 0.2),
    call('s3', 5),
    { event_type: 'turn.ended', session_id: 's4', ...usage(7_777, 7) },
    { ...call('s2', 8_888, 8), attributes: { 'gen_ai.operation.name': 'invoke_agent' } },
  )
  expect((await ask(at)).totals.usage).toEqual({
    inputTokens: 132,
    outputTokens: 5,
    costUsd: 1 + (0.1 + 0.2),
    unpriced: 2,
  })
})

test('usage stands on calls alone, or reports alone, or nothing', async () => {
  const calls = stage()
  await calls.store(call('s1', 3, 1), call('s2', 4))
  expect((await ask(calls)).totals.usage).toEqual({
    inputTokens: 7,
    outputTokens: 2,
    costUsd: 1,
    unpriced: 1,
  })
  const reports = stage()
  await reports.store(report('s1', 3, 1))
  expect((await ask(reports)).totals.usage).toEqual({
    inputTokens: 3,
    outputTokens: 1,
    costUsd: 1,
    unpriced: 0,
  })
  expect((await ask(stage())).totals.usage).toEqual({
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    unpriced: 0,
  })
})

test('descriptors add facets and flows; a flow shows the newest record of each task, else session', async () => {
  const at = stage({
    descriptors: {
      facets: [
        { id: 'lane', label: 'Lane', attribute: 'work.lane', limit: 1 },
        { id: 'agent', attribute: 'agent.name' },
      ],
      flows: [
        {
          id: 'work',
          label: 'Work',
          match: { attribute: 'event_type', includes: 'work.' },
          titleAttribute: 'work.title',
          detailAttributes: { Lane: 'work.lane', Who: 'agent.name' },
          limit: 2,
        },
        { id: 'none', match: { attribute: 'work.lane', equals: 'north' }, limit: 10 },
      ],
    },
  })
  const work = (ago: number, more: object) => ({ ago, event_type: 'work.moved', ...more })
  await at.store(
    work(9, { task_slug: 'a', work: { lane: 'fast', title: 'Old A' } }),
    work(8, { task_slug: 'a', work: { lane: 'fast', title: 'A' }, agent: { name: 'bo' }, status: 'doing' }),
    work(7, { session_id: 's7', work: { lane: 'slow' }, outcome: 'pass' }),
    work(12, { task_slug: 'c' }),
    { ago: 1, event_type: 'other', task_slug: 'z' },
  )
  const answer = await ask(at)
  expect(answer.flows).toEqual([
    {
      id: 'work',
      label: 'Work',
      total: 3,
      items: [
        { slug: 's7', title: 's7', status: 'pass', updatedAt: iso(now - 7_000), details: { Lane: 'slow' } },
        {
          slug: 'a',
          title: 'A',
          status: 'doing',
          updatedAt: iso(now - 8_000),
          details: { Lane: 'fast', Who: 'bo' },
        },
      ],
    },
    { id: 'none', label: 'none', total: 0, items: [] },
  ])
  expect(answer.warnings).toEqual([])
  expect(values(answer, 'lane')).toEqual([{ value: 'fast', count: 2 }])
  expect(answer.facets.filter(({ id }) => id === 'agent')).toHaveLength(1)
  expect((await ask(at, { filter: ['lane:slow'] })).totals.records).toBe(1)
})

test('a flow that would read without end stops, and says so', async () => {
  const flow = { id: 'w', match: { attribute: 'event_type', equals: 'tool.result' }, limit: 2 }
  const at = stage({ descriptors: { flows: [flow] } })
  await at.store(
    { ago: 50, task_slug: 'old' },
    ...Array.from({ length: 5_100 }, () => ({ task_slug: 'busy' })),
  )
  const { flows, warnings } = await ask(at)
  expect(flows[0]).toMatchObject({ total: 2, items: [{ slug: 'busy' }] })
  expect(warnings).toEqual(['flow w: only the newest 5000 of its records were read'])
})

test('a slow engine is said so; nothing is answered for a part', async () => {
  const at = stage()
  for (const method of ['aggregate', 'query'] as const) {
    const log = { ...at.log, [method]: async () => Promise.reject(new TooSlow('slow')) }
    expect(await problem(ask(stageOn(log)))).toMatchObject({ code: 'query_too_slow' })
  }
})

test('markers are asked for the actor and the window; one tenant sees nothing of another', async () => {
  const asked: unknown[] = []
  const at = stage({
    markers: async (who, from, to) => {
      asked.push([who.principal, to - from])
      return [{ at: iso(now), kind: 'deploy', surface: 'web' }]
    },
  })
  await at.store({})
  expect((await ask(at, { preset: '15m' })).markers).toEqual([
    { at: iso(now), kind: 'deploy', surface: 'web' },
  ])
  expect(asked).toEqual([['ann', 900_000]])
  const other = await at.reads.query({ ...actor, tenant: 'other' }, TelemetryQuery.parse({}))
  expect(other).toMatchObject({ position: 0, totals: { records: 0 }, records: [] })
})
