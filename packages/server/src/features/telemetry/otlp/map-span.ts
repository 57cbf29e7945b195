import type { Mapped } from './map.ts'
import { type Origin, present, sharedFields } from './origin.ts'
import { attributesAt, idAt, listAt, millis, nanosAt, numberAt, objectAt, textAt } from './values.ts'

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const statuses = ['unset', 'ok', 'error'] as const

/** One span as a record; a span that its trace cannot be found by is none. */
export function mapSpan(span: Readonly<Record<string, unknown>>, origin: Origin): readonly Mapped[] {
  const traceId = idAt(span, 'traceId', 16)
  const spanId = idAt(span, 'spanId', 8)
  if (traceId === undefined) return ['a trace id is not 16 bytes, or all zero']
  if (spanId === undefined) return ['a span id is not 8 bytes, or all zero']
  const attributes = attributesAt(span, 'attributes')
  const status = objectAt(span, 'status')
  const code = numberAt(status, 'code') ?? 0
  const started = nanosAt(span, 'startTimeUnixNano')
  const ended = nanosAt(span, 'endTimeUnixNano')
  const isOver = started !== undefined && ended !== undefined && ended >= started
  return [
    present({
      schema_version: '1',
      event_type: 'otel.span',
      event_id: `span:${traceId}:${spanId}`,
      timestamp: started === undefined ? undefined : millis(started),
      trace_id: traceId,
      span_id: spanId,
      parent_span_id: idAt(span, 'parentSpanId', 8),
      name: textAt(span, 'name') ?? '',
      kind: kinds[numberAt(span, 'kind') ?? 0] ?? 'unspecified',
      duration_ms: isOver ? Number(ended - started) / 1e6 : undefined,
      outcome: code === 2 ? 'fail' : 'pass',
      status: statuses[code] ?? 'unset',
      status_message: textAt(status, 'message'),
      ...sharedFields(origin, attributes, traceId),
      events: listed(listAt(span, 'events').map(mapEvent)),
      links: listed(listAt(span, 'links').map(mapLink)),
    }),
  ]
}

function mapEvent(event: Readonly<Record<string, unknown>>) {
  const at = nanosAt(event, 'timeUnixNano')
  return present({
    name: textAt(event, 'name') ?? '',
    timestamp: at === undefined ? undefined : millis(at),
    attributes: attributesAt(event, 'attributes'),
  })
}

function mapLink(link: Readonly<Record<string, unknown>>) {
  return present({
    trace_id: idAt(link, 'traceId', 16),
    span_id: idAt(link, 'spanId', 8),
    attributes: attributesAt(link, 'attributes'),
  })
}

function listed<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length === 0 ? undefined : items
}
