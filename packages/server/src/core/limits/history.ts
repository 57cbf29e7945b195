import type { Limit, Strategy } from './limit.ts'

/** So many were admitted at `at` (Unix ms); where times are kept by slots, no later than that. */
export interface Admission {
  readonly at: number
  readonly count: number
}

/** What a limit goes by: admissions, oldest first, and their sum. */
export interface Track {
  readonly limit: Limit
  readonly admissions: readonly Admission[]
  readonly used: number
}

/** What is known under a key. `last` is when something was admitted last; nothing is written behind it. */
export interface History {
  readonly last: number
  readonly tracks: readonly Track[]
}

/** Nothing was admitted yet. */
export const nothing: History = { last: 0, tracks: [] }

/** Up to this count every admission is remembered by its time; above, by slots. */
const exactUpTo = 1_000
const slots = 60

/** What counts against a limit now, also what a clock ahead of this one wrote. */
export function trackOf({ tracks }: History, limit: Limit, now: number): Track {
  const { admissions, used } = tellingMost(tracks, limit) ?? { admissions: [], used: 0 }
  const gone = now - limit.windowMs
  const first = admissions.findIndex(({ at }) => at > gone)
  if (first < 0) return { limit, admissions: [], used: 0 }
  if (first === 0) return { limit, admissions, used }
  const left = admissions.slice(0, first).reduce((sum, { count }) => sum + count, 0)
  return { limit, admissions: admissions.slice(first), used: used - left }
}

/** When the limit has room for `cost` (Unix ms; 0: it has now; Infinity: never), if nothing else passes before. */
export function freeAt({ limit, admissions, used }: Track, cost: number): number {
  let left = used + cost
  if (left <= limit.count) return 0
  for (const { at, count } of admissions) {
    left -= count
    if (left <= limit.count) return at + limit.windowMs
  }
  return Number.POSITIVE_INFINITY
}

/** The track with `cost` admitted at `now`, which lies not behind what it holds. */
export function admit(
  { limit, admissions, used }: Track,
  cost: number,
  now: number,
  strategy: Strategy,
): Track {
  const newest = admissions.at(-1)
  const slotted = strategy === 'moving-window' && limit.count > exactUpTo
  const own = slotted ? slotEnd(now, limit.windowMs) : now
  // A fixed window keeps the time it began at; what a coarser track left ends later than now.
  const at = newest === undefined ? own : strategy === 'fixed-window' ? newest.at : Math.max(own, newest.at)
  const together = newest?.at === at
  const added = { at, count: together ? newest.count + cost : cost }
  return {
    limit,
    admissions: together ? admissions.with(-1, added) : [...admissions, added],
    used: used + cost,
  }
}

/** The end of the slot that a time lies in, so that the oldest slot of a window counts whole. */
function slotEnd(now: number, windowMs: number): number {
  return Math.ceil((Math.ceil((now * slots) / windowMs) * windowMs) / slots)
}

/**
 * The limit's own track. Under a limit that was changed, the track that tells most about its window: the shortest of
 * those as long, else the longest; so nobody begins anew by a change of limits.
 */
function tellingMost(tracks: readonly Track[], wanted: Limit): Track | undefined {
  const own = tracks.find(({ limit }) => limit.count === wanted.count && limit.windowMs === wanted.windowMs)
  if (own !== undefined || tracks.length === 0) return own
  return tracks.reduce((best, one) => {
    const [a, b] = [best.limit.windowMs, one.limit.windowMs]
    if (a >= wanted.windowMs) return b >= wanted.windowMs && b < a ? one : best
    return b > a ? one : best
  })
}
