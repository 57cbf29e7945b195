import { SeriesAnswer, TelemetrySeriesQuery } from '@quarterdeck/sdk/contract/telemetry-query'
import { expect, test } from 'vitest'
import { memoryLog } from '../../adapters/memory/log.ts'
import { measureTelemetry } from './measure.ts'
import { telemetryShape } from './shape.ts'
import { actor, now, stageOn } from './stored.test-kit.ts'

const stage = (more?: Parameters<typeof stageOn>[1]) => stageOn(memoryLog({ shape: telemetryShape }), more)

type Input = Parameters<(typeof TelemetrySeriesQuery)['parse']>[0]
const minutesAgo = (count: number) => new Date(now - count * 60_000).toISOString()
const window = { preset: 'custom', from: minutesAgo(3), to: minutesAgo(0), bucket: '1m' } as const
const ask = async (at: ReturnType<typeof stage>, input: Input) => {
  const answer = await at.reads.series(actor, TelemetrySeriesQuery.parse(input))
  expect(SeriesAnswer.parse(answer)).toEqual(answer)
  return answer.series.map(({ key, points }) => [key, points.map(([, value]) => value)])
}
const tool = (ago: number, name: string, outcome: string, duration_ms: number, session_id = 's1') => ({
  ago,
  session_id,
  tool: { name, outcome, duration_ms },
})

test('a series has a point for every bucket: 0 where nothing is counted, null where nothing is measured', async () => {
  const at = stage()
  await at.store(tool(170, 'a', 'pass', 10), tool(130, 'a', 'fail', 30, 's2'), tool(20, 'b', 'fail', 5), {
    ago: 10,
  })
  const one = async (measure: string) => (await ask(at, { ...window, measure } as Input))[0]
  expect(await one('records')).toEqual(['all', [2, 0, 2]])
  expect(await one('sessions')).toEqual(['all', [2, 0, 1]])
  expect(await one('failureRate')).toEqual(['all', [0.5, null, 1]])
  expect(await one('durationP50')).toEqual(['all', [10, null, 5]])
  expect(await one('durationP95')).toEqual(['all', [30, null, 5]])
  expect(await one('inputTokens')).toEqual(['all', [0, 0, 0]])
  expect(await one('costUsd')).toEqual(['all', [null, null, null]])
})

test('times are the starts of buckets', async () => {
  const at = stage()
  const { series } = await at.reads.series(
    actor,
    TelemetrySeriesQuery.parse({ ...window, measure: 'records' }),
  )
  expect(series[0]?.points.map(([time]) => time)).toEqual([minutesAgo(3), minutesAgo(2), minutesAgo(1)])
})

test('by a facet there is a series for each of 12 values, and one for all others', async () => {
  const at = stage()
  for (let n = 0; n < 14; n += 1)
    await at.store(
      ...Array.from({ length: 20 - n }, () => tool(10, `t${n}`, 'pass', n, n < 12 ? 's1' : `s${n}`)),
    )
  await at.store({ ago: 10 })
  const records = await ask(at, { ...window, measure: 'records', by: 'tool' })
  expect(records).toHaveLength(13)
  expect(records[0]).toEqual(['t0', [0, 0, 20]])
  expect(records[12]).toEqual(['other', [0, 0, 8 + 7]])
  const sessions = await ask(at, { ...window, measure: 'sessions', by: 'tool' })
  expect(sessions[12]).toEqual(['other', [0, 0, 2]])
  const durations = await ask(at, { ...window, measure: 'durationP95', by: 'tool' })
  expect(durations[12]).toEqual(['other', [null, null, 13]])
})

test('usage in a series follows the rule of the totals', async () => {
  const at = stage()
  const usage = { input_tokens: 5, output_tokens: 1, estimated_cost_usd: 0.5 }
  const call = { event_type: 'otel.span', attributes: { 'gen_ai.operation.name': 'chat' }, usage }
  await at.store(
    { ago: 170, event_type: 'session.usage', session_id: 's1', usage },
    { ago: 10, ...call, session_id: 's1' },
    { ago: 10, ...call, session_id: 's2' },
  )
  expect(await ask(at, { ...window, measure: 'inputTokens' })).toEqual([['all', [5, 0, 5]]])
  expect(await ask(at, { ...window, measure: 'costUsd' })).toEqual([['all', [0.5, null, 0.5]]])
})

test('a series honours filters, and refuses an unknown facet and more than 500 buckets', async () => {
  const at = stage()
  await at.store(tool(10, 'a', 'pass', 1), tool(10, 'b', 'pass', 1))
  expect(await ask(at, { ...window, measure: 'records', filter: 'tool:a' })).toEqual([['all', [0, 0, 1]]])
  await expect(ask(at, { ...window, measure: 'records', by: 'colour' })).rejects.toMatchObject({
    code: 'invalid',
    issues: [{ path: ['by'] }],
  })
  await expect(ask(at, { preset: '24h', measure: 'records', bucket: '1m' })).rejects.toMatchObject({
    code: 'invalid',
    issues: [{ path: ['bucket'] }],
  })
})

test('a check asks for one value of a window and how much it stands on', async () => {
  const at = stage()
  await at.store(tool(10, 'pay', 'fail', 1), tool(20, 'pay', 'pass', 3), tool(400, 'pay', 'fail', 9), {})
  const { log, descriptors } = at
  const ask = (measure: 'failureRate' | 'records' | 'durationP95', filter = ['tool:pay']) =>
    measureTelemetry({ log, now, descriptors }, 'acme', { measure, filter, windowMs: 300_000 })
  expect(await ask('failureRate')).toEqual({ result: 0.5, samples: 2 })
  expect(await ask('durationP95')).toEqual({ result: 3, samples: 2 })
  expect(await ask('records', ['tool:none'])).toEqual({ result: null, samples: 0 })
})
