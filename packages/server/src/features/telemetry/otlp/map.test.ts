import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import { TelemetryRecord } from '@quarterdeck/sdk/contract/telemetry-record'
import { describe, expect, test } from 'vitest'
import { createMac } from '../../../core/mac.ts'
import { otlpRecords } from './map.ts'

const mac = createMac(new Uint8Array(32).fill(7))

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const resource = { attributes: { 'service.name': 'builder', n: 3 } }
const instrumentationScope = { name: 'lib', version: '1.2.3' }
const at: [number, number] = [1_795_166_043, 120_000_000]

const span = (more: object = {}, ids: object = {}) => ({
  name: 'chat opus',
  kind: 2,
  spanContext: () => ({ traceId, spanId, traceFlags: 1, ...ids }),
  parentSpanContext: { traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 },
  startTime: at,
  endTime: [1_795_166_045, 370_000_000],
  status: { code: 0 },
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'opus',
    'gen_ai.agent.name': 'planner',
    'gen_ai.tool.name': 'run_tests',
    'gen_ai.usage.input_tokens': 12,
    'gen_ai.usage.output_tokens': 5,
    ratio: 0.25,
    ok: true,
    list: ['a', 'b'],
  },
  events: [{ name: 'first token', time: at, attributes: { n: 1 } }],
  links: [{ context: { traceId, spanId, traceFlags: 1 }, attributes: {} }],
  resource,
  instrumentationScope,
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
  ...more,
})
const log = (more: object = {}) => ({
  hrTime: at,
  hrTimeObserved: at,
  severityNumber: 17,
  severityText: 'ERROR',
  eventName: 'tool.failed',
  body: { text: 'it broke', code: 7 },
  attributes: { 'session.id': 's-81' },
  spanContext: { traceId, spanId, traceFlags: 1 },
  resource,
  instrumentationScope,
  droppedAttributesCount: 0,
  ...more,
})
const point = (value: unknown, attributes: object = {}) => ({ startTime: at, endTime: at, attributes, value })
const histogram = { min: 1, max: 9, sum: 20, count: 4, buckets: { boundaries: [5], counts: [3, 1] } }
const metrics = {
  resource,
  scopeMetrics: [
    {
      scope: instrumentationScope,
      metrics: [
        {
          descriptor: { name: 'queue', unit: '1', description: 'd', valueType: 0 },
          dataPointType: 2,
          aggregationTemporality: 1,
          dataPoints: [point(3, { q: 'a' }), point(4, { q: 'b' }), point(4, { q: 'b' })],
        },
        {
          descriptor: { name: 'sent', unit: 'By', description: '', valueType: 1 },
          dataPointType: 3,
          isMonotonic: true,
          aggregationTemporality: 0,
          dataPoints: [point(1.5)],
        },
        {
          descriptor: { name: 'took', unit: 'ms', description: '', valueType: 1 },
          dataPointType: 0,
          aggregationTemporality: 1,
          dataPoints: [point(histogram)],
        },
      ],
    },
  ],
}

type Spans = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0]
type Logs = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0]
type Metrics = Parameters<typeof ProtobufMetricsSerializer.serializeRequest>[0]

// The stock serializers read no more of a span, log record or metric than what is built above.
const traces = (encoding: 'protobuf' | 'json', ...spans: object[]) =>
  otlpRecords(
    'traces',
    (encoding === 'json' ? JsonTraceSerializer : ProtobufTraceSerializer).serializeRequest(
      spans as unknown as Spans,
    ) as Uint8Array,
    encoding,
    mac,
  )
const logs = (encoding: 'protobuf' | 'json', ...records: object[]) =>
  otlpRecords(
    'logs',
    (encoding === 'json' ? JsonLogsSerializer : ProtobufLogsSerializer).serializeRequest(
      records as unknown as Logs,
    ) as Uint8Array,
    encoding,
    mac,
  )
const measured = (encoding: 'protobuf' | 'json') =>
  otlpRecords(
    'metrics',
    (encoding === 'json' ? JsonMetricsSerializer : ProtobufMetricsSerializer).serializeRequest(
      metrics as unknown as Metrics,
    ) as Uint8Array,
    encoding,
    mac,
  )

describe.each(['protobuf', 'json'] as const)('what a stock exporter sends as %s', (encoding) => {
  test('a span becomes a record that the contract takes', () => {
    const { records, rejected, message } = traces(encoding, span())
    expect({ rejected, message }).toEqual({ rejected: 0, message: '' })
    expect(records).toEqual([
      {
        schema_version: '1',
        event_type: 'otel.span',
        event_id: `span:${traceId}:${spanId}`,
        session_id: traceId,
        timestamp: 1_795_166_043_120,
        trace_id: traceId,
        span_id: spanId,
        parent_span_id: '00f067aa0ba902b7',
        name: 'chat opus',
        kind: 'client',
        duration_ms: 2_250,
        outcome: 'pass',
        status: 'unset',
        agent: { name: 'planner' },
        hook: { model: 'opus' },
        tool: { name: 'run_tests' },
        usage: { input_tokens: 12, output_tokens: 5 },
        service: 'builder',
        resource: resource.attributes,
        scope: instrumentationScope,
        attributes: span().attributes,
        events: [{ name: 'first token', timestamp: 1_795_166_043_120, attributes: { n: 1 } }],
        links: [{ trace_id: traceId, span_id: spanId, attributes: {} }],
      },
    ])
    expect(TelemetryRecord.safeParse(records[0]).success).toBe(true)
  })

  test('a span in error failed, any other passed', () => {
    expect(traces(encoding, span({ status: { code: 2, message: 'boom' } })).records).toMatchObject([
      { outcome: 'fail', status: 'error', status_message: 'boom' },
    ])
    expect(traces(encoding, span({ status: { code: 1 } })).records).toMatchObject([
      { outcome: 'pass', status: 'ok' },
    ])
  })

  test('a bad span is counted, the others are taken', () => {
    const bad = [{ traceId: '00'.repeat(16) }, { traceId: 'abcd' }, { spanId: '00'.repeat(8) }]
    const sent = traces(encoding, span(), ...bad.map((ids) => span({}, ids)))
    expect(sent).toMatchObject({ records: [{ trace_id: traceId }], rejected: 3 })
    expect(sent.message).toMatch(/trace id.*; .*span id/)
  })

  test('a log record becomes a record with the session it names', () => {
    const { records } = logs(encoding, log())
    expect(records).toMatchObject([
      {
        event_type: 'otel.log',
        session_id: 's-81',
        timestamp: 1_795_166_043_120,
        trace_id: traceId,
        name: 'tool.failed',
        severity: 'ERROR',
        severity_number: 17,
        body: { text: 'it broke', code: 7 },
      },
    ])
    expect(TelemetryRecord.safeParse(records[0]).success).toBe(true)
  })

  test('without a session or a trace the service names the session', () => {
    expect(logs(encoding, log({ attributes: {}, spanContext: undefined })).records).toMatchObject([
      { session_id: 'builder' },
    ])
  })

  test('equal log records are told apart by their order, and a resend gives the same ids', () => {
    const ids = () => logs(encoding, log(), log(), log({ body: 'other' })).records.map((one) => one.event_id)
    expect(new Set(ids()).size).toBe(3)
    expect(ids()).toEqual(ids())
  })

  test('each data point becomes a record', () => {
    const { records } = measured(encoding)
    expect(records).toMatchObject([
      {
        name: 'queue',
        metric_type: 'gauge',
        value: 3,
        attributes: { q: 'a' },
        session_id: 'builder',
        unit: '1',
      },
      { name: 'queue', value: 4, attributes: { q: 'b' } },
      { name: 'queue', value: 4, attributes: { q: 'b' } },
      { name: 'sent', metric_type: 'sum', value: 1.5, monotonic: true, temporality: 'delta' },
      {
        name: 'took',
        metric_type: 'histogram',
        temporality: 'cumulative',
        count: 4,
        sum: 20,
        min: 1,
        max: 9,
        bucket_counts: [3, 1],
        explicit_bounds: [5],
      },
    ])
    expect(new Set(records.map((one) => one.event_id)).size).toBe(5)
    for (const record of records) expect(TelemetryRecord.safeParse(record).success).toBe(true)
  })
})

test('both encodings say the same, down to the ids', () => {
  expect(traces('protobuf', span())).toEqual(traces('json', span()))
  expect(logs('protobuf', log(), log())).toEqual(logs('json', log(), log()))
  expect(measured('protobuf')).toEqual(measured('json'))
})

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

test('OTLP/JSON takes ids in either case, integers as text or number, and skips what it does not know', () => {
  const sent = (start: unknown) =>
    otlpRecords(
      'traces',
      json({
        resourceSpans: [
          {
            novelty: 1,
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: traceId.toUpperCase(),
                    spanId: spanId.toUpperCase(),
                    name: 'x',
                    startTimeUnixNano: start,
                    attributes: [
                      { key: 'big', value: { intValue: '9007199254740993' } },
                      { key: 'small', value: { intValue: 7 } },
                      { key: 'nan', value: { doubleValue: 'NaN' } },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      }),
      'json',
      mac,
    ).records
  expect(sent('1795166043120000000')).toMatchObject([
    {
      trace_id: traceId,
      span_id: spanId,
      timestamp: 1_795_166_043_120,
      attributes: { big: '9007199254740993', small: 7, nan: 'NaN' },
    },
  ])
  expect(sent(1_795_166_043_120_000_000)).toMatchObject([{ timestamp: 1_795_166_043_120 }])
})

test('what is no export request is refused with a stable code', () => {
  const refusal = (body: Uint8Array, encoding: 'json' | 'protobuf') => {
    try {
      otlpRecords('traces', body, encoding, mac)
      return null
    } catch (error) {
      return (error as { code?: string }).code
    }
  }
  expect(refusal(new TextEncoder().encode('{'), 'json')).toBe('invalid_json')
  expect(refusal(json([]), 'json')).toBe('invalid')
  expect(refusal(new Uint8Array([0x0a, 0xff, 0xff]), 'protobuf')).toBe('invalid')
  expect(refusal(new Uint8Array(), 'protobuf')).toBe(null)
})

test('values nested without end are cut, not followed', () => {
  const deep = `${'{"arrayValue":{"values":['.repeat(5_000)}{"stringValue":"deep"}${']}}'.repeat(5_000)}`
  const text = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${deep}}]}]}]}`
  const { records } = otlpRecords('logs', new TextEncoder().encode(text), 'json', mac)
  expect(JSON.stringify(records[0]?.body).length).toBeLessThan(100)
})

test('ids of content are made under the log key: without it nobody can try out what was redacted', () => {
  const body = new TextEncoder().encode(
    JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'hello' } }] }] }] }),
  )
  const idUnder = (key: number) =>
    otlpRecords('logs', body, 'json', createMac(new Uint8Array(32).fill(key))).records[0]?.event_id
  expect(idUnder(1)).toBe(idUnder(1))
  expect(idUnder(1)).not.toBe(idUnder(2))
})

test('what a person or a model said in a GenAI event stands under a name that is content', () => {
  const body = new TextEncoder().encode(
    JSON.stringify({
      resourceLogs: [
        {
          scopeLogs: [
            { logRecords: [{ eventName: 'gen_ai.user.message', body: { stringValue: 'my salary is 12' } }] },
          ],
        },
      ],
    }),
  )
  const record = otlpRecords('logs', body, 'json', mac).records[0]
  expect(record).toMatchObject({ 'gen_ai.event.content': 'my salary is 12' })
  expect(record).not.toHaveProperty('body')
})
