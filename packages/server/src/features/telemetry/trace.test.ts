import { expect, test } from 'vitest'
import { memoryLog } from '../../adapters/memory/log.ts'
import { telemetryShape } from './shape.ts'
import { actor, stageOn } from './stored.test-kit.ts'

const stage = (more?: Parameters<typeof stageOn>[1]) => stageOn(memoryLog({ shape: telemetryShape }), more)

const trace_id = '0af7651916cd43dd8448eb211c80319c'
const span = (span_id: string, parent_span_id: string | undefined, ago: number) => ({
  event_type: 'otel.span',
  event_id: `span:${trace_id}:${span_id}`,
  trace_id,
  span_id,
  ...(parent_span_id === undefined ? {} : { parent_span_id }),
  name: `name of ${span_id}`,
  duration_ms: 5,
  outcome: 'pass',
  service: 'web',
  attributes: { n: 1 },
  ago,
})

test('the spans of a trace are a tree, children in the order they began', async () => {
  const at = stage()
  await at.store(
    span('c', 'a', 7),
    span('b', 'a', 8),
    span('a', undefined, 9),
    span('d', 'b', 6),
    span('e', 'lost', 5),
  )
  await at.store(
    { event_type: 'otel.log', trace_id },
    { ...span('x', undefined, 1), trace_id: 'f'.repeat(32) },
  )
  const { spans } = await at.reads.trace(actor, { id: trace_id.toUpperCase() })
  type Node = (typeof spans)[number]
  const tree = (nodes: Node[]): unknown => nodes.map(({ spanId, children }) => [spanId, tree(children)])
  expect(tree(spans)).toEqual([
    [
      'a',
      [
        ['b', [['d', []]]],
        ['c', []],
      ],
    ],
    ['e', []],
  ])
  expect(spans[0]).toMatchObject({
    name: 'name of a',
    durationMs: 5,
    outcome: 'pass',
    service: 'web',
    parentSpanId: null,
  })
})

test('parents that go in a circle lose no span', async () => {
  const at = stage()
  await at.store(span('a', 'b', 9), span('b', 'a', 8), span('c', 'a', 7), span('d', 'd', 6))
  const { spans } = await at.reads.trace(actor, { id: trace_id })
  expect(spans.map(({ spanId }) => spanId)).toEqual(['a', 'b', 'd'])
  expect(spans[0]?.children.map(({ spanId }) => spanId)).toEqual(['c'])
})

test('a trace nobody sent is not found', async () => {
  await expect(stage().reads.trace(actor, { id: trace_id })).rejects.toMatchObject({ code: 'not_found' })
})
