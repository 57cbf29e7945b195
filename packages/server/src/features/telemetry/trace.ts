import type { SpanNode } from '@quarterdeck/sdk/contract/telemetry'
import type { Log, Stored } from '../../ports/log.ts'
import { inTime, patience } from './matching.ts'

const most = 5_000

/** The spans of a trace as trees: those without a parent here are roots. Siblings stand in the order they began. */
export async function traceOf(log: Log, tenant: string, traceId: string): Promise<SpanNode[]> {
  const where = [
    { attribute: 'trace_id', in: [traceId.toLowerCase()] },
    { attribute: 'event_type', in: ['otel.span'] },
  ]
  const query = { filter: { where }, by: 'time', direction: 'asc', limit: most } as const
  const nodes = new Map<string, SpanNode>()
  for (const entry of await inTime(log.query(tenant, query, patience))) {
    const node = nodeOf(entry)
    if (!nodes.has(node.spanId)) nodes.set(node.spanId, node)
  }
  const roots: SpanNode[] = []
  for (const node of nodes.values()) {
    const parent = node.parentSpanId === null ? undefined : nodes.get(node.parentSpanId)
    if (parent === undefined || isWithin(parent, node, nodes)) roots.push(node)
    else parent.children.push(node)
  }
  return roots
}

/** Whether a span would become its own ancestor: parents are only claimed, and may go in a circle. */
function isWithin(parent: SpanNode, node: SpanNode, nodes: ReadonlyMap<string, SpanNode>): boolean {
  const seen = new Set<SpanNode>()
  let at: SpanNode | undefined = parent
  while (at !== undefined && !seen.has(at)) {
    if (at === node) return true
    seen.add(at)
    at = at.parentSpanId === null ? undefined : nodes.get(at.parentSpanId)
  }
  return false
}

function nodeOf(entry: Stored): SpanNode {
  const record = JSON.parse(entry.payload) as Record<string, unknown>
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
  const { attributes, duration_ms: duration } = record
  return {
    traceId: text(record.trace_id) ?? '',
    spanId: text(record.span_id) ?? `position:${entry.position}`,
    parentSpanId: text(record.parent_span_id),
    name: text(record.name) ?? '',
    startedAt: new Date(entry.occurredAt).toISOString(),
    durationMs: typeof duration === 'number' ? duration : 0,
    outcome: text(record.outcome),
    service: text(record.service),
    attributes: typeof attributes === 'object' && attributes !== null ? { ...attributes } : {},
    children: [],
  }
}
