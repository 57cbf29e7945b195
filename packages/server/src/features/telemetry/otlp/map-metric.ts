import type { Mapped } from './map.ts'
import { type Origin, present, sharedFields } from './origin.ts'
import { attributesAt, listAt, millis, nanosAt, numberAt, objectAt, textAt } from './values.ts'

type Fields = Readonly<Record<string, unknown>>

const types = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  exponentialHistogram: 'exponential_histogram',
  summary: 'summary',
} as const
const temporalities = [undefined, 'delta', 'cumulative'] as const

/** One record for each data point of a metric. A metric without a name or of no known kind is none. */
export function mapMetric(metric: Fields, origin: Origin): readonly Mapped[] {
  const name = textAt(metric, 'name')
  if (name === undefined) return ['a metric has no name']
  const kind = (Object.keys(types) as (keyof typeof types)[]).find((key) => metric[key] !== undefined)
  if (kind === undefined) return ['a metric is of no known kind']
  const data = objectAt(metric, kind)
  return listAt(data, 'dataPoints').map((point) => {
    const at = nanosAt(point, 'timeUnixNano')
    const began = nanosAt(point, 'startTimeUnixNano')
    return present({
      schema_version: '1',
      event_type: 'otel.metric',
      timestamp: at === undefined ? undefined : millis(at),
      time_unix_nano: at?.toString(),
      start_time_unix_nano: began?.toString(),
      name,
      unit: textAt(metric, 'unit'),
      metric_type: types[kind],
      temporality: temporalities[numberAt(data, 'aggregationTemporality') ?? 0],
      monotonic: data.isMonotonic === true ? true : undefined,
      ...measuredBy(point),
      ...sharedFields(origin, attributesAt(point, 'attributes'), undefined),
    })
  })
}

function measuredBy(point: Fields): Fields {
  return {
    value: numberAt(point, 'asDouble') ?? numberAt(point, 'asInt'),
    count: numberAt(point, 'count'),
    sum: numberAt(point, 'sum'),
    min: numberAt(point, 'min'),
    max: numberAt(point, 'max'),
    bucket_counts: numbers(point, 'bucketCounts'),
    explicit_bounds: numbers(point, 'explicitBounds'),
    scale: numberAt(point, 'scale'),
    zero_count: numberAt(point, 'zeroCount'),
    positive: buckets(point, 'positive'),
    negative: buckets(point, 'negative'),
    quantiles: quantiles(point),
  }
}

function numbers(of: Fields, key: string): number[] | undefined {
  const values = of[key]
  if (!Array.isArray(values) || values.length === 0) return undefined
  return values.map(Number).filter(Number.isFinite)
}

function buckets(of: Fields, key: string): Fields | undefined {
  if (of[key] === undefined) return undefined
  const side = objectAt(of, key)
  return { offset: numberAt(side, 'offset') ?? 0, bucket_counts: numbers(side, 'bucketCounts') ?? [] }
}

function quantiles(point: Fields): Fields[] | undefined {
  const values = listAt(point, 'quantileValues')
  if (values.length === 0) return undefined
  return values.map((one) =>
    present({ quantile: numberAt(one, 'quantile') ?? 0, value: numberAt(one, 'value') ?? 0 }),
  )
}
