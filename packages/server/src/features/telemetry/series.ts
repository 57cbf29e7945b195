import type { Marker, SeriesAnswer, TelemetrySeriesQuery } from '@quarterdeck/sdk/contract/telemetry-query'
import { fault } from '@quarterdeck/sdk/errors'
import type { Filter, Log } from '../../ports/log.ts'
import type { LoadedDescriptors } from './descriptors.ts'
import { facetsOf, valuesShown } from './facets.ts'
import { type Aggregate, aggregatesOf, matching, narrowed } from './matching.ts'
import { emptyValue, type Measured, measureBy } from './measures.ts'
import { type Window, windowOf } from './window.ts'

const lengths = { '1m': 60_000, '5m': 300_000, '1h': 3_600_000, '1d': 86_400_000 } as const
const mostBuckets = 500

/** One measure over time: a single series, or one for each of a facet's 12 most frequent values and one for all others. */
export async function seriesOf(
  needs: { readonly log: Log; readonly now: number; readonly descriptors: LoadedDescriptors },
  tenant: string,
  input: TelemetrySeriesQuery,
  markers: (window: Window) => Promise<readonly Marker[]>,
): Promise<SeriesAnswer> {
  const facets = facetsOf(needs.descriptors.facets)
  const window = windowOf(input, needs.now)
  const length = lengths[input.bucket]
  const times = bucketsOf(window, length)
  const facet = facets.find(({ id }) => id === input.by)
  if (input.by !== undefined && facet === undefined) throw refused('by', 'names no facet there is')
  const filter = matching(input, facets, window, await needs.log.head(tenant))
  const aggregate = aggregatesOf(needs.log, tenant)
  const measured = (of: Filter) => measureBy(aggregate, of, input.measure, [{ bucket: length }])
  const points = (rows: readonly Measured[]) => pointsOf(times, rows, emptyValue(input.measure))
  if (facet === undefined) {
    const [rows, marked] = await Promise.all([measured(filter), markers(window)])
    return { bucket: input.bucket, series: [{ key: 'all', points: points(rows) }], markers: [...marked] }
  }
  const { attribute } = facet
  const values = await valuesOf(aggregate, filter, attribute)
  const shown = values.slice(0, valuesShown)
  const others = values.slice(valuesShown)
  const some = narrowed(filter, { attribute, in: shown })
  const [rows, rest, marked] = await Promise.all([
    shown.length === 0 ? [] : measureBy(aggregate, some, input.measure, [{ bucket: length }, attribute]),
    others.length === 0 ? [] : measured(narrowed(filter, { attribute, in: others })),
    markers(window),
  ])
  const series = shown.map((key) => ({ key, points: points(rows.filter((row) => row.key[1] === key)) }))
  if (others.length > 0) series.push({ key: 'other', points: points(rest) })
  return { bucket: input.bucket, series, markers: [...marked] }
}

/** The values of an attribute, the most frequent first. */
async function valuesOf(aggregate: Aggregate, filter: Filter, attribute: string): Promise<string[]> {
  const [rows = []] = await aggregate(filter, [{ by: [attribute], measures: { count: { op: 'count' } } }])
  return rows.flatMap(({ key }) => (key[0] === null ? [] : [String(key[0])]))
}

function bucketsOf({ from, to }: Window, length: number): number[] {
  const first = Math.floor(from / length) * length
  const count = Math.ceil((to - first) / length)
  if (count > mostBuckets) throw refused('bucket', `gives ${count} buckets; ${mostBuckets} are the most`)
  return Array.from({ length: count }, (_, index) => first + index * length)
}

function pointsOf(times: readonly number[], rows: readonly Measured[], empty: number | null) {
  const values = new Map(rows.map(({ key, value }) => [key[0], value]))
  return times.map((time): [string, number | null] => {
    const value = values.get(time)
    return [new Date(time).toISOString(), value === undefined ? empty : value]
  })
}

function refused(path: string, message: string) {
  return fault('invalid', undefined, { issues: [{ path: [path], message }] })
}
