import { z } from 'zod'
import { feed, operation } from '../operation.ts'
import { AppendAnswer } from './record.ts'
import {
  Marker,
  SeriesAnswer,
  TelemetryAnswer,
  TelemetryQuery,
  TelemetrySeriesQuery,
} from './telemetry-query.ts'

const read = { permission: 'telemetry:read', effect: 'read' } as const
const ingest = {
  permission: 'telemetry:write',
  effect: 'write',
  limit: 'ingest',
  journaled: 'refusals',
} as const
const otlp = {
  ...ingest,
  input: z.object({
    /** The request's media type. */
    type: z.string(),
    bytes: z.instanceof(Uint8Array),
  }),
  source: 'bytes',
  accepts: ['application/x-protobuf', 'application/json'],
  maxBody: 16_777_216,
} as const

export interface SpanNode {
  traceId: string
  spanId: string
  parentSpanId: string | null
  name: string
  startedAt: string
  durationMs: number
  outcome: string | null
  service: string | null
  attributes: Record<string, unknown>
  children: SpanNode[]
}
const SpanNode: z.ZodType<SpanNode> = z.lazy(() =>
  z.object({
    traceId: z.string(),
    spanId: z.string(),
    parentSpanId: z.string().nullable(),
    name: z.string(),
    startedAt: z.string(),
    durationMs: z.number(),
    outcome: z.string().nullable(),
    service: z.string().nullable(),
    attributes: z.record(z.string(), z.unknown()),
    children: z.array(SpanNode),
  }),
)

export const telemetry = {
  append: operation({
    ...ingest,
    name: 'telemetry.append',
    summary: 'Say what was measured: one record, an array, or NDJSON',
    route: 'POST /telemetry/records',
    input: z.unknown(),
    output: AppendAnswer,
    errors: ['tenant_mismatch', 'producer_not_allowed', 'record_conflict', 'secret_in_id', 'too_old'],
    source: 'body',
    accepts: ['application/json', 'application/x-ndjson'],
    maxBody: 4_194_304,
  }),
  query: operation({
    ...read,
    name: 'telemetry.query',
    summary: 'Totals, facets, flows, tools and records of a window',
    route: 'GET /telemetry',
    input: TelemetryQuery,
    output: TelemetryAnswer,
    errors: ['query_too_slow'],
  }),
  series: operation({
    ...read,
    name: 'telemetry.series',
    summary: 'One measure over time, by a facet',
    route: 'GET /telemetry/series',
    input: TelemetrySeriesQuery,
    output: SeriesAnswer,
    errors: ['query_too_slow'],
  }),
  trace: operation({
    ...read,
    name: 'telemetry.trace',
    summary: 'The spans of one trace as a tree',
    route: 'GET /telemetry/traces/:id',
    input: z.object({ id: z.string().regex(/^[0-9a-f]{32}$/i) }),
    output: z.object({ spans: z.array(SpanNode) }),
    errors: ['not_found'],
  }),
  descriptors: operation({
    ...read,
    name: 'telemetry.descriptors',
    summary: 'Which descriptors were read, and which were dropped and why',
    route: 'GET /telemetry/descriptors',
    input: z.object({}),
    output: z.object({
      loaded: z.array(
        z.object({
          path: z.string(),
          facets: z.array(z.object({ id: z.string(), label: z.string(), attribute: z.string() })),
          flows: z.array(z.object({ id: z.string(), label: z.string() })),
          recordSources: z.array(z.object({ id: z.string(), label: z.string() })),
        }),
      ),
      dropped: z.array(z.object({ path: z.string(), reason: z.string() })),
    }),
  }),
  ingestTraces: operation({
    ...otlp,
    name: 'telemetry.ingestTraces',
    summary: 'OTLP/HTTP traces, protobuf or JSON',
    route: 'POST /v1/traces',
    output: z.object({
      partialSuccess: z.object({ rejectedSpans: z.number(), errorMessage: z.string() }).optional(),
    }),
  }),
  ingestLogs: operation({
    ...otlp,
    name: 'telemetry.ingestLogs',
    summary: 'OTLP/HTTP logs, protobuf or JSON',
    route: 'POST /v1/logs',
    output: z.object({
      partialSuccess: z.object({ rejectedLogRecords: z.number(), errorMessage: z.string() }).optional(),
    }),
  }),
  ingestMetrics: operation({
    ...otlp,
    name: 'telemetry.ingestMetrics',
    summary: 'OTLP/HTTP metrics, protobuf or JSON',
    route: 'POST /v1/metrics',
    output: z.object({
      partialSuccess: z.object({ rejectedDataPoints: z.number(), errorMessage: z.string() }).optional(),
    }),
  }),
}

export const telemetryFeeds = {
  telemetry: feed({
    topic: 'telemetry',
    summary: 'How much telemetry arrives, of which types',
    permission: 'telemetry:read',
    snapshot: z.object({
      added: z.number(),
      byType: z.record(z.string(), z.number()),
      markers: z.array(Marker),
    }),
    delta: z.object({ added: z.number(), byType: z.record(z.string(), z.number()) }),
  }),
}
