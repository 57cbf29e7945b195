import type { SeriesAnswer } from '@quarterdeck/sdk/contract/telemetry-query'

type Series = SeriesAnswer['series']

/** Series over one common time axis, in Unix seconds; where a series has no value stands null, which is not zero. */
export function alignSeries(series: Series): [number[], ...(number | null)[][]] {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([time]) => Date.parse(time) / 1_000)))]
  times.sort((a, b) => a - b)
  const columns = series.map(({ points }) => {
    const values = new Map(points.map(([time, value]) => [Date.parse(time) / 1_000, value]))
    return times.map((time) => values.get(time) ?? null)
  })
  return [times, ...columns]
}
