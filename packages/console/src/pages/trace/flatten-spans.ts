import type { SpanNode } from '@quarterdeck/sdk/contract/telemetry'

export interface PlacedSpan {
  readonly span: SpanNode
  /** 1 for a root. */
  readonly level: number
  /** Where it begins and how long it lasts, as parts of the whole trace, 0 to 1. */
  readonly begin: number
  readonly length: number
}

export interface PlacedTrace {
  readonly spans: readonly PlacedSpan[]
  readonly startedAt: number
  readonly durationMs: number
}

/** A trace's spans in the order of their tree, each with its place in time. `closed` ones hide what is below them. */
export function flattenSpans(
  roots: readonly SpanNode[],
  closed: ReadonlySet<string> = new Set(),
): PlacedTrace {
  const all = [...walk(roots, new Set())]
  const start = Math.min(...all.map(({ span }) => Date.parse(span.startedAt)))
  const end = Math.max(...all.map(({ span }) => Date.parse(span.startedAt) + span.durationMs))
  const whole = Math.max(end - start, Number.MIN_VALUE)
  const spans = [...walk(roots, closed)].map(({ span, level }) => ({
    span,
    level,
    begin: (Date.parse(span.startedAt) - start) / whole,
    length: span.durationMs / whole,
  }))
  return { spans, startedAt: start, durationMs: end - start }
}

/** With a stack of its own: a trace may be deeper than the engine's. */
function* walk(roots: readonly SpanNode[], closed: ReadonlySet<string>) {
  const stack = roots.map((span) => ({ span, level: 1 })).toReversed()
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    yield next
    if (closed.has(next.span.spanId)) continue
    const { level } = next
    stack.push(...next.span.children.map((span) => ({ span, level: level + 1 })).toReversed())
  }
}
