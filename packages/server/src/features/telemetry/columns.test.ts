import { expect, test } from 'vitest'
import { attributeOf, telemetryAttributes } from './columns.ts'

const base = {
  schema_version: '0.3.0',
  event_type: 'tool.result',
  session_id: 's-81',
  event_id: 'e',
  timestamp: 1,
}
const said = (attributes: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null))

test('columns come from where producers put them', () => {
  const record = {
    ...base,
    agent: { name: 'builder', runtime: 'node' },
    hook: { turn_id: 't1', model: 'opus', name: 'post-tool' },
    context: { project: 'shop' },
    tool: { name: 'run_tests', duration_ms: 8120.5, outcome: 'fail' },
    usage: { input_tokens: 10, output_tokens: 2, estimated_cost_usd: 0.1 },
    trace_id: 'a',
    span_id: 'b',
    task_slug: 'fix',
  }
  expect(said(telemetryAttributes(record))).toEqual({
    schema_version: '0.3.0',
    event_type: 'tool.result',
    session_id: 's-81',
    agent: 'builder',
    runtime: 'node',
    turn_id: 't1',
    model: 'opus',
    'hook.name': 'post-tool',
    project: 'shop',
    tool: 'run_tests',
    duration_ms: 8120.5,
    outcome: 'fail',
    input_tokens: 10,
    output_tokens: 2,
    cost_usd: 0.1,
    trace_id: 'a',
    span_id: 'b',
    task_slug: 'fix',
  })
})

test('fields of a column’s own name fill it where nothing nested does', () => {
  const own = {
    ...base,
    model: 'mini',
    outcome: 'pass',
    duration_ms: 3,
    tool: { name: 'x' },
    cost_usd: 2,
    agent: 'a',
  }
  expect(said(telemetryAttributes(own))).toMatchObject({
    model: 'mini',
    outcome: 'pass',
    duration_ms: 3,
    tool: 'x',
    cost_usd: 2,
    agent: 'a',
  })
  expect(telemetryAttributes({ ...own, tool: { outcome: 'fail' } }).outcome).toBe('fail')
})

test('a value of another type than its column is no value of it', () => {
  const odd = telemetryAttributes({ ...base, model: 7, input_tokens: 1.5, duration_ms: 'long' })
  expect(said(odd)).toEqual({ schema_version: '0.3.0', event_type: 'tool.result', session_id: 's-81' })
})

test('other scalars stand under their dotted path; long texts and nulls are left out', () => {
  const attributes = telemetryAttributes({
    ...base,
    attributes: { 'http.method': 'GET', deep: { n: 1, ok: false } },
    labels: ['a', 'b'],
    none: null,
    long: 'x'.repeat(1_025),
    fits: 'x'.repeat(1_024),
  })
  expect(attributes).toMatchObject({
    'attributes.http.method': 'GET',
    'attributes.deep.n': 1,
    'attributes.deep.ok': false,
    'labels.0': 'a',
    'labels.1': 'b',
    fits: 'x'.repeat(1_024),
  })
  expect(attributes).not.toHaveProperty('long')
  expect(attributes).not.toHaveProperty('none')
})

test('a record has 200 attributes at most beside its columns', () => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, n]))
  const attributes = said(telemetryAttributes({ ...many, ...base }))
  expect(Object.keys(attributes)).toHaveLength(203)
  expect(attributes.session_id).toBe('s-81')
})

test('a path that fills a column is asked for by the column', () => {
  expect(attributeOf('agent.name')).toBe('agent')
  expect(attributeOf('attributes.http.method')).toBe('attributes.http.method')
})
