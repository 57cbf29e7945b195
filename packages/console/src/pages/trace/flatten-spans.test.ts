import type { SpanNode } from '@quarterdeck/sdk/contract/telemetry'
import { expect, test } from 'vitest'
import { flattenSpans } from './flatten-spans.ts'

const start = Date.parse('2026-11-20T09:00:00Z')
const span = (spanId: string, from: number, durationMs: number, children: SpanNode[] = []): SpanNode => ({
  traceId: 't',
  spanId,
  parentSpanId: null,
  name: spanId,
  startedAt: new Date(start + from).toISOString(),
  durationMs,
  outcome: null,
  service: null,
  attributes: {},
  children,
})

const roots = [span('root', 0, 100, [span('a', 10, 50, [span('a1', 20, 10)]), span('b', 80, 120)])]

test('spans come in the order of the tree, each placed in the whole trace', () => {
  const { spans, durationMs } = flattenSpans(roots)
  expect(durationMs).toBe(200)
  expect(spans.map((each) => [each.span.spanId, each.level, each.begin, each.length])).toEqual([
    ['root', 1, 0, 0.5],
    ['a', 2, 0.05, 0.25],
    ['a1', 3, 0.1, 0.05],
    ['b', 2, 0.4, 0.6],
  ])
})

test('a closed span hides what is below it and moves nothing', () => {
  const { spans, durationMs } = flattenSpans(roots, new Set(['a']))
  expect(spans.map((each) => each.span.spanId)).toEqual(['root', 'a', 'b'])
  expect(durationMs).toBe(200)
})
