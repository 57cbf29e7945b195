import { gzipSync } from 'node:zlib'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import { api, logs as logSdk, metrics as metricSdk, tracing } from '@opentelemetry/sdk-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'

type Span = tracing.ReadableSpan

/** A trace as an application makes it: a request, two calls beneath it, and one beneath the first. */
function makeTrace(): { spans: Span[]; traceId: string } {
  const memory = new tracing.InMemorySpanExporter()
  const provider = new tracing.BasicTracerProvider({
    spanProcessors: [new tracing.SimpleSpanProcessor(memory)],
  })
  const tracer = provider.getTracer('shop', '1.0.0')
  const under = (parent: api.Span) => api.trace.setSpan(api.ROOT_CONTEXT, parent)
  const root = tracer.startSpan(
    'POST /checkout',
    { attributes: { 'session.id': 's-otlp' } },
    api.ROOT_CONTEXT,
  )
  const pay = tracer.startSpan('pay', {}, under(root))
  const charge = tracer.startSpan('charge card', {}, under(pay))
  charge.setStatus({ code: api.SpanStatusCode.ERROR, message: 'declined' })
  charge.end()
  pay.end()
  tracer.startSpan('reserve', {}, under(root)).end()
  root.end()
  return { spans: memory.getFinishedSpans(), traceId: root.spanContext().traceId }
}

/** Two log records that are equal and one that is not. */
function makeLogs(): logSdk.ReadableLogRecord[] {
  const memory = new logSdk.InMemoryLogRecordExporter()
  const provider = new logSdk.LoggerProvider({
    processors: [new logSdk.SimpleLogRecordProcessor({ exporter: memory })],
  })
  const logger = provider.getLogger('shop')
  const timestamp = Date.now()
  for (const body of ['out of stock', 'out of stock', 'restocked'])
    logger.emit({
      body,
      timestamp,
      observedTimestamp: timestamp,
      severityText: 'WARN',
      attributes: { sku: 'a-1' },
    })
  return memory.getFinishedLogRecords()
}

/** A counter with two data points and a histogram with one. */
async function makeMetrics(): Promise<metricSdk.ResourceMetrics> {
  const reader = new metricSdk.PeriodicExportingMetricReader({
    exporter: new metricSdk.InMemoryMetricExporter(metricSdk.AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 3_600_000,
  })
  const meter = new metricSdk.MeterProvider({ readers: [reader] }).getMeter('shop')
  const sold = meter.createCounter('sold')
  sold.add(1, { sku: 'a-1' })
  sold.add(2, { sku: 'a-2' })
  meter.createHistogram('took', { unit: 'ms' }).record(12)
  const { resourceMetrics } = await reader.collect()
  await reader.shutdown()
  return resourceMetrics
}

const json = 'application/json'
const protobuf = 'application/x-protobuf'
const encodings = [
  [json, { traces: JsonTraceSerializer, logs: JsonLogsSerializer, metrics: JsonMetricsSerializer }],
  [
    protobuf,
    { traces: ProtobufTraceSerializer, logs: ProtobufLogsSerializer, metrics: ProtobufMetricsSerializer },
  ],
] as const

/** The fields of a google.rpc.Status: code is field 1, a varint; message is field 2, a text. */
function readStatus(type: string, bytes: Buffer): { code: number; message: string } {
  if (type === json) return JSON.parse(bytes.toString())
  expect([bytes[0], bytes[2]]).toEqual([0x08, 0x12])
  return { code: bytes[1] ?? 0, message: bytes.subarray(4).toString() }
}

describe('OTLP', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage.stop())

  async function post(
    signal: string,
    type: string,
    body: Uint8Array | undefined,
    more: Record<string, string> = {},
  ) {
    const answer = await fetch(`${stage.url}/v1/${signal}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.token}`, 'content-type': type, ...more },
      body: Buffer.from(body ?? []),
    })
    return {
      status: answer.status,
      type: answer.headers.get('content-type'),
      bytes: Buffer.from(await answer.arrayBuffer()),
    }
  }
  const stored = async (q = '') => (await stage.client.telemetry.query({ preset: '15m', q })).totals.records

  it('is taken from the stock exporter, sent twice and stored once, and a trace is a tree', async () => {
    const { spans, traceId } = makeTrace()
    const exporter = new OTLPTraceExporter({
      url: `${stage.url}/v1/traces`,
      headers: { authorization: `Bearer ${stage.token}` },
    })
    const send = () => new Promise((resolve) => exporter.export(spans, resolve))
    const before = await stored()
    expect(await send()).toEqual({ code: 0 })
    expect(await send()).toEqual({ code: 0 })
    expect(await stored()).toBe(before + 4)

    const { spans: roots } = await stage.client.telemetry.trace({ id: traceId })
    const shape = (nodes: typeof roots): unknown[] => nodes.map((one) => [one.name, shape(one.children)])
    expect(shape(roots)).toEqual([
      [
        'POST /checkout',
        expect.arrayContaining([
          ['pay', [['charge card', []]]],
          ['reserve', []],
        ]),
      ],
    ])
    const failed = await stage.client.telemetry.query({ preset: '15m', filter: ['outcome:fail'] })
    expect(failed.records.map(({ record }) => record.name)).toContain('charge card')
    await exporter.shutdown()
  })

  it.each(encodings)('in %s is stored once however often it is sent, zipped or not', async (type, of) => {
    const { spans } = makeTrace()
    const requests = {
      traces: [of.traces.serializeRequest(spans), 4],
      logs: [of.logs.serializeRequest(makeLogs()), 3],
      metrics: [of.metrics.serializeRequest(await makeMetrics()), 3],
    } as const
    for (const [signal, [body, count]] of Object.entries(requests)) {
      const before = await stored()
      for (const again of [false, true]) {
        const plain = await post(signal, type, body)
        expect([plain.status, plain.type, plain.bytes.toString()], `${signal} ${again}`).toEqual([
          200,
          type,
          type === json ? '{}' : '',
        ])
      }
      const zipped = await post(signal, type, gzipSync(body ?? ''), { 'content-encoding': 'gzip' })
      expect(zipped.status).toBe(200)
      expect(await stored(), signal).toBe(before + count)
    }
  })

  it('says the same in both encodings, so that a resend in the other one is a duplicate', async () => {
    const { spans } = makeTrace()
    const before = await stored()
    for (const [type, of] of encodings) {
      const { status } = await post('traces', type, of.traces.serializeRequest(spans))
      expect(status).toBe(200)
    }
    expect(await stored()).toBe(before + 4)
  })

  it.each(encodings)('in %s with one bad span among good ones has that one rejected', async (type, of) => {
    const { spans, traceId } = makeTrace()
    const bad = Object.create(spans[0] as Span, {
      spanContext: { value: () => ({ traceId, spanId: '0'.repeat(16), traceFlags: 1 }) },
    }) as Span
    const before = await stored()
    const { status, bytes } = await post('traces', type, of.traces.serializeRequest([...spans, bad]))
    expect(status).toBe(200)
    const { partialSuccess } = of.traces.deserializeResponse(bytes)
    expect(Number(partialSuccess?.rejectedSpans)).toBe(1)
    expect(partialSuccess?.errorMessage).toMatch(/span id/)
    expect(await stored()).toBe(before + 4)
  })

  it.each([json, protobuf])('in %s that inflates over 16 MiB is refused by a Status', async (type) => {
    const bomb = gzipSync(Buffer.alloc(17 * 1_048_576, ' '))
    expect(bomb.length).toBeLessThan(100_000)
    for (const signal of ['traces', 'logs', 'metrics']) {
      const answer = await post(signal, type, bomb, { 'content-encoding': 'gzip' })
      expect([answer.status, answer.type]).toEqual([413, type])
      expect(readStatus(type, answer.bytes)).toMatchObject({
        code: 8,
        message: expect.stringContaining('body'),
      })
    }
  })

  it.each([json, protobuf])(
    'in %s without a credential, or garbled, is refused by a Status',
    async (type) => {
      const nobody = await post('traces', type, Buffer.from('{}'), { authorization: 'Bearer no-such-token' })
      expect([nobody.status, nobody.type]).toEqual([401, type])
      expect(readStatus(type, nobody.bytes).code).toBe(16)
      const garbled = await post('traces', type, Buffer.from('\xff\xff no export request', 'latin1'))
      expect([garbled.status, garbled.type, readStatus(type, garbled.bytes).code]).toEqual([400, type, 3])
    },
  )

  it('takes nothing of a request that it refuses', async () => {
    const before = await stored()
    const body = ProtobufTraceSerializer.serializeRequest(makeTrace().spans)
    expect((await post('traces', protobuf, body, { 'content-encoding': 'br' })).status).toBe(415)
    expect((await post('traces', 'text/plain', body)).status).toBe(415)
    expect((await post('traces', protobuf, body?.subarray(0, body.length - 7))).status).toBe(400)
    expect(await stored()).toBe(before)
  })
})
