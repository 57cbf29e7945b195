import { canonical } from '@quarterdeck/sdk/digest'
import { mapLog } from './map-log.ts'
import { mapMetric } from './map-metric.ts'
import { mapSpan } from './map-span.ts'
import { type Origin, originOf } from './origin.ts'
import { decodeRequest, type Encoding, type Signal } from './schema.ts'
import { listAt } from './values.ts'

type Fields = Readonly<Record<string, unknown>>

/** What an export request held: telemetry records, and how many items were none. */
export interface OtlpRecords {
  readonly records: Record<string, unknown>[]
  readonly rejected: number
  /** Why, for the first few of them. Empty when none was rejected. */
  readonly message: string
}

/** A record without its id when it has none of its own; a text says why it is none. */
export type Mapped = Fields | string

type Mapper = (item: Fields, origin: Origin) => readonly Mapped[]

const shapes: Record<Signal, { groups: string; scopes: string; items: string; prefix: string; map: Mapper }> =
  {
    traces: { groups: 'resourceSpans', scopes: 'scopeSpans', items: 'spans', prefix: 'span', map: mapSpan },
    logs: { groups: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords', prefix: 'log', map: mapLog },
    metrics: {
      groups: 'resourceMetrics',
      scopes: 'scopeMetrics',
      items: 'metrics',
      prefix: 'metric',
      map: mapMetric,
    },
  }

/**
 * The telemetry records of an OTLP export request. Throws `invalid_json` or `invalid` when the body is none; a single bad
 * item is counted instead. The same request gives the same ids; they are made under the log key, so that nobody can
 * try out guesses of what was redacted.
 */
export function otlpRecords(
  signal: Signal,
  body: Uint8Array,
  encoding: Encoding,
  mac: (text: string) => string,
): OtlpRecords {
  const { groups, scopes, items, prefix, map } = shapes[signal]
  const request = decodeRequest(signal, body, encoding)
  const records: Record<string, unknown>[] = []
  const reasons: string[] = []
  const equals = new Map<string, number>()
  for (const group of listAt(request, groups))
    for (const scoped of listAt(group, scopes)) {
      const origin = originOf(group, scoped)
      for (const item of listAt(scoped, items))
        for (const mapped of map(item, origin)) {
          if (typeof mapped === 'string') reasons.push(mapped)
          else
            records.push({ ...mapped, event_id: mapped.event_id ?? contentId(prefix, mapped, equals, mac) })
        }
    }
  return { records, rejected: reasons.length, message: [...new Set(reasons)].slice(0, 5).join('; ') }
}

/** An id from all that a record says, and how many equal ones came before it in the request. */
function contentId(
  prefix: string,
  record: Fields,
  equals: Map<string, number>,
  mac: (text: string) => string,
): string {
  const content = canonical(record)
  const ordinal = equals.get(content) ?? 0
  equals.set(content, ordinal + 1)
  return `${prefix}:${mac(`${ordinal}\n${content}`)}`
}
