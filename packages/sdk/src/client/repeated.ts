import { type Code, Fault } from '../errors.ts'
import { backoff } from './backoff.ts'
import type { Pause } from './pause.ts'

export interface RepeatNeeds {
  readonly now: () => number
  readonly random: () => number
  readonly pause: Pause
}

/** When a call is given up though it could be repeated. */
export interface RepeatLimits {
  /** How often it is made anew; 5 unless said. */
  readonly repeats?: number
  /** Unix ms after which nothing is begun any more. */
  readonly until?: number
  readonly signal?: AbortSignal
  /** Codes after which it is over, whatever this module thinks of them. */
  readonly last?: readonly Code[]
}

const firstWait = 100
const longestWait = 5_000
/** A server that asks for more than this is better told to whoever called. */
const longestAsked = 30_000
/** These last until a person does something. */
const lasting = new Set(['switched_off', 'not_migrated'])

/**
 * Performs a call, and again after a conflict, while the server is busy or away, and when the answer was lost. The call
 * must be one that may be repeated: a read, or a write under one key. `perform` is told how often it was tried before.
 */
export async function repeated<T>(
  needs: RepeatNeeds,
  limits: RepeatLimits,
  perform: (attempt: number) => Promise<T>,
): Promise<T> {
  const most = limits.repeats ?? 5
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await perform(attempt)
    } catch (error) {
      if (!mayRepeat(error) || attempt >= most || limits.last?.includes(error.code)) throw error
      const asked = Number(error.members.retryAfterMs ?? 0)
      if (asked > longestAsked) throw error
      const wait = Math.max(asked, backoff(attempt, firstWait, longestWait, needs.random))
      if (limits.until !== undefined && needs.now() + wait >= limits.until) throw error
      await needs.pause(wait, limits.signal)
      limits.signal?.throwIfAborted()
    }
  }
}

/** Whether nobody answered: what was asked may have been done. */
export function isLost(error: unknown): boolean {
  return error instanceof Fault && (error.members.unreachable === true || error.members.httpStatus === 502)
}

function mayRepeat(error: unknown): error is Fault {
  if (!(error instanceof Fault)) return false
  if (isLost(error) || error.code === 'write_conflict' || error.code === 'idempotency_in_progress')
    return true
  return error.members.httpStatus === 503 && !lasting.has(error.code)
}
