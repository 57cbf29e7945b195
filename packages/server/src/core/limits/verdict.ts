import { freeAt, type Track } from './history.ts'
import type { Limit } from './limit.ts'

/** What became of a check. */
export interface Verdict {
  readonly admitted: boolean
  /** The one with least left. */
  readonly limit: Limit
  /** What that limit still lets through now. */
  readonly remaining: number
  /** Until that limit lets one more through than now, whole seconds up; 0 when nothing counts against it. */
  readonly resetSeconds: number
  /** Until this very request passes, whole seconds up; 0 when it did, Infinity when it costs more than a limit allows. */
  readonly retryAfterSeconds: number
  /** Whether this process counted alone, as the store was lost. */
  readonly local: boolean
}

/** The verdict on a request that passes at `passes` (Unix ms; not in the future: now), as these limits stand after it. */
export function verdictOf(tracks: readonly Track[], passes: number, now: number): Verdict {
  const [first, ...others] = tracks.map((track) => stand(track, now))
  if (first === undefined) throw new Error('a check needs a limit')
  const least = others.reduce((least, one) => {
    if (one.remaining !== least.remaining) return one.remaining < least.remaining ? one : least
    return one.resetSeconds > least.resetSeconds ? one : least
  }, first)
  const retryAfterSeconds = secondsUp(passes - now)
  return { ...least, admitted: passes <= now, retryAfterSeconds, local: false }
}

function stand(track: Track, now: number) {
  const remaining = Math.max(0, track.limit.count - track.used)
  const resetSeconds = track.used === 0 ? 0 : secondsUp(freeAt(track, remaining + 1) - now)
  return { limit: track.limit, remaining, resetSeconds }
}

const secondsUp = (ms: number) => Math.ceil(Math.max(0, ms) / 1_000)
