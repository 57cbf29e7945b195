import type { Mapped } from './map.ts'
import { type Origin, present, sharedFields } from './origin.ts'
import { anyValue, attributesAt, idAt, millis, nanosAt, numberAt, objectAt, textAt } from './values.ts'

/** One log record. Ids of a trace that are none are left out; the record is kept. */
export function mapLog(log: Readonly<Record<string, unknown>>, origin: Origin): readonly Mapped[] {
  const traceId = idAt(log, 'traceId', 16)
  const attributes = attributesAt(log, 'attributes')
  const at = nanosAt(log, 'timeUnixNano') ?? nanosAt(log, 'observedTimeUnixNano')
  const body = log.body === undefined ? undefined : anyValue(objectAt(log, 'body'))
  const name = textAt(log, 'eventName') ?? textOf(attributes['event.name'])
  // The body of a GenAI event is what somebody said (semantic conventions, GenAI events).
  const place = name?.startsWith('gen_ai.') ? 'gen_ai.event.content' : 'body'
  return [
    present({
      schema_version: '1',
      event_type: 'otel.log',
      timestamp: at === undefined ? undefined : millis(at),
      time_unix_nano: at?.toString(),
      trace_id: traceId,
      span_id: idAt(log, 'spanId', 8),
      name,
      severity: textAt(log, 'severityText'),
      severity_number: numberAt(log, 'severityNumber') || undefined,
      [place]: body ?? undefined,
      ...sharedFields(origin, attributes, traceId),
    }),
  ]
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)
