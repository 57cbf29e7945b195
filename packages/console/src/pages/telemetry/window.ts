import type { TelemetrySearch } from '../../app/page-searches.ts'

export const bucketOf = { '1m': 60_000, '5m': 300_000, '1h': 3_600_000, '1d': 86_400_000 } as const
type Bucket = keyof typeof bucketOf

const lengths = { live: 60_000, '15m': 900_000, '24h': 86_400_000, '7d': 604_800_000 }
/** More points than this cannot be told apart in a chart. */
const points = 200

/** The window and filters that the URL asks for, as the API takes them. */
export function windowOf(search: TelemetrySearch) {
  const { preset = '15m', from, to, q, filter } = search
  const custom = preset === 'custom' ? { from, to } : {}
  return { preset, ...custom, q, filter }
}

/** The finest bucket that shows a window in at most 200 points. */
export function bucketFor(search: TelemetrySearch): Bucket {
  const { preset = '15m', from, to } = search
  const length = preset === 'custom' ? Date.parse(to ?? '') - Date.parse(from ?? '') : lengths[preset]
  const fits = (Object.keys(bucketOf) as Bucket[]).find((bucket) => length / bucketOf[bucket] <= points)
  return fits ?? '1d'
}

/** How often a window that ends now is asked for again, in ms. */
export function renewal(search: TelemetrySearch): number | false {
  const { preset = '15m' } = search
  return { live: 5_000, '15m': 15_000, '24h': 60_000, '7d': 120_000, custom: false as const }[preset]
}

/** Whether the custom window lacks what it needs. */
export function isIncomplete(search: TelemetrySearch): boolean {
  const { preset, from, to } = search
  return preset === 'custom' && !(Date.parse(from ?? '') < Date.parse(to ?? ''))
}
