import { admit, freeAt, type History, type Track, trackOf } from './history.ts'
import type { Limit, Strategy } from './limit.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** Something that asks to pass. */
export interface Check {
  readonly limits: readonly Limit[]
  readonly cost: number
  /** Whether it counts when it passes. */
  readonly counts: boolean
}

/** What becomes of checks that are decided together. */
export interface Decided {
  readonly verdicts: readonly Verdict[]
  /** The history to store and how long it matters; null when nothing was counted. */
  readonly change: { readonly history: History; readonly ttlMs: number } | null
  /**
   * Whether no other process can have changed the history since: a limit was full and still is, by a clock that is not
   * behind, so nothing was let through.
   */
  readonly certain: boolean
}

/** Decides checks of one key in their order, each with what the ones before it left. */
export function decide(given: {
  readonly history: History
  readonly checks: readonly Check[]
  readonly now: number
  readonly strategy: Strategy
}): Decided {
  const { checks, now, strategy } = given
  const last = Math.max(now, given.history.last)
  let { history } = given
  const verdicts = checks.map(({ limits, cost, counts }) => {
    let tracks = limits.map((limit) => trackOf(history, limit, now))
    const passes = Math.max(...tracks.map((track) => freeAt(track, cost)))
    if (counts && passes <= now) {
      tracks = tracks.map((track) => admit(track, cost, last, strategy))
      history = { last, tracks }
    }
    return verdictOf(tracks, passes, now)
  })
  const change = history === given.history ? null : { history, ttlMs: ttlOf(history.tracks, now) }
  const certain =
    now >= given.history.last && verdicts.every(({ admitted, remaining }) => !admitted && remaining === 0)
  return { verdicts, change, certain }
}

/**
 * How long a history matters, ms: until its last admission has left every window. What another clock wrote far ahead of
 * this one matters for two windows at most, so that one wrong clock cannot lock a key for longer.
 */
function ttlOf(tracks: readonly Track[], now: number): number {
  const ends = tracks.map(({ limit, admissions }) => (admissions.at(-1)?.at ?? now) + limit.windowMs - now)
  const longest = Math.max(...tracks.map(({ limit }) => limit.windowMs))
  return Math.ceil(Math.min(Math.max(...ends), 2 * longest))
}
