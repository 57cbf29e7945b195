import { z } from 'zod'
import { Limit } from './paging.ts'

/** One or many of a query parameter. */
const Many = (item: z.ZodString) =>
  z.preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(item).max(25)).default([])

const window = {
  /** `live` is the last 60 s. */
  preset: z.enum(['live', '15m', '24h', '7d', 'custom']).default('live'),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  /** Text anywhere in the record, case ignored. */
  q: z.string().max(200).optional(),
  /** `facet:value`; AND across facets, OR within one. */
  filter: Many(z.string().regex(/^[^:]+:.*$/s, 'needs the form facet:value')),
}

export const TelemetryQuery = z.object({
  ...window,
  sort: z.enum(['asc', 'desc']).default('desc'),
  cursor: z.string().optional(),
  limit: Limit,
})
export type TelemetryQuery = z.output<typeof TelemetryQuery>

export const measures = [
  'records',
  'sessions',
  'failureRate',
  'durationP50',
  'durationP95',
  'inputTokens',
  'outputTokens',
  'costUsd',
] as const

export const TelemetrySeriesQuery = z.object({
  ...window,
  measure: z.enum(measures),
  by: z.string().optional(),
  bucket: z.enum(['1m', '5m', '1h', '1d']),
})
export type TelemetrySeriesQuery = z.output<typeof TelemetrySeriesQuery>

/** Something the platform did that a chart should show. */
export const Marker = z.object({
  at: z.string(),
  kind: z.enum(['deploy', 'promotion', 'rollback', 'flag', 'guard', 'kill_switch', 'secret', 'migration']),
  surface: z.string().optional(),
  release: z.string().optional(),
  subject: z.string().optional(),
  position: z.number().int().optional(),
})
export type Marker = z.infer<typeof Marker>

export const StoredTelemetry = z.object({
  position: z.number().int(),
  receivedAt: z.string(),
  occurredAt: z.string(),
  record: z.record(z.string(), z.unknown()),
})

const Rate = z.number().nullable()

export const TelemetryAnswer = z.object({
  position: z.number().int(),
  from: z.string(),
  to: z.string(),
  totals: z.object({
    records: z.number(),
    sessions: z.number(),
    byType: z.record(z.string(), z.number()),
    usage: z.object({
      inputTokens: z.number(),
      outputTokens: z.number(),
      costUsd: z.number(),
      unpriced: z.number(),
    }),
  }),
  facets: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      values: z.array(z.object({ value: z.string(), count: z.number() })),
    }),
  ),
  flows: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      total: z.number(),
      items: z.array(
        z.object({
          slug: z.string(),
          title: z.string(),
          status: z.string().nullable(),
          updatedAt: z.string(),
          details: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  ),
  tools: z.array(
    z.object({
      tool: z.string(),
      count: z.number(),
      pass: z.number(),
      fail: z.number(),
      ambiguous: z.number(),
      failureRate: Rate,
      p50Ms: Rate,
      p95Ms: Rate,
    }),
  ),
  records: z.array(StoredTelemetry),
  nextCursor: z.string().optional(),
  markers: z.array(Marker),
  warnings: z.array(z.string()),
})
export type TelemetryAnswer = z.infer<typeof TelemetryAnswer>

export const SeriesAnswer = z.object({
  bucket: z.string(),
  series: z.array(
    z.object({ key: z.string(), points: z.array(z.tuple([z.string(), z.number().nullable()])) }),
  ),
  markers: z.array(Marker),
})
export type SeriesAnswer = z.infer<typeof SeriesAnswer>
