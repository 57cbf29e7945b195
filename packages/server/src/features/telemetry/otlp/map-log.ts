import type { Mapped } from './map.ts'
import { type Origin, present, sharedFields } from './origin.ts'
import { anyValue, attributesAt, idAt, millis, nanosAt, numberAt, objectAt, textAt } from './values.ts'

/** One log record. Ids of a trace that are none are left out; the record is kept. */
export function mapLog(log: Readonly<Record<string, unknown>>, origin: Origin): readonly Mapped[] {
  const traceId = idAt(log, 'traceId', 16)
  const at = nanosAt(log, 'timeUnixNano') ?? nanosAt(log, 'observedTimeUnixNano')
  const body = log.body === undefined ? undefined : anyValue(objectAt(log, 'body'))
  return [
    present({
      schema_version: '1',
      event_type: 'otel.log',
      timestamp: at === undefined ? undefined : millis(at),
      time_unix_nano: at?.toString(),
      trace_id: traceId,
      span_id: idAt(log, 'spanId', 8),
      name: textAt(log, 'eventName'),
      severity: textAt(log, 'severityText'),
      severity_number: numberAt(log, 'severityNumber') || undefined,
      body: body ?? undefined,
      ...sharedFields(origin, attributesAt(log, 'attributes'), traceId),
    }),
  ]
}
