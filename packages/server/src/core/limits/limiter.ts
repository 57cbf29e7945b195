import { hash } from 'node:crypto'
import { fault } from '@quarterdeck/sdk/errors'
import { type Keep, KeepLost } from '../../ports/keep.ts'
import type { Meter } from '../meter.ts'
import { type Check, decide } from './decide.ts'
import { type History, nothing } from './history.ts'
import { readHistory, writeHistory } from './history-text.ts'
import type { Limit, Strategy } from './limit.ts'
import { createRecent } from './recent.ts'
import { watchStore } from './store-watch.ts'
import type { Verdict } from './verdict.ts'

export type { Limit } from './limit.ts'
export type { Verdict } from './verdict.ts'

/** What happens to a check when the store is lost: this process counts alone, or nothing passes. */
export type WhenLost = 'local' | 'closed'

/** How a check differs from one that costs 1 and does the usual when the store is lost. */
export interface CheckOptions {
  readonly cost?: number
  readonly whenLost?: WhenLost
}

/** Counts requests against limits, together with every process on the same store. */
export interface Limiter {
  /**
   * Counts the cost under the key against all limits: all pass, or none counts. Throws `dependency_unavailable` when the
   * store is lost and nothing passes then.
   */
  take(key: string, limits: readonly Limit[], options?: CheckOptions): Promise<Verdict>
  /** Whether `take` would pass, counting nothing; `remaining` is what is left now. Throws as `take` does. */
  peek(key: string, limits: readonly Limit[], options?: CheckOptions): Promise<Verdict>
  /** Whether the store is lost and limits count in this process alone. */
  degraded(): boolean
}

/** What the store held when this process looked last. */
interface Known {
  /** The key in the store. */
  readonly place: string
  readonly history: History
  readonly version: string | null
  /** Whether another process wrote in between, so that it is better to look before writing. */
  readonly shared: boolean
}

interface Waiting extends Check {
  readonly whenLost: WhenLost
  readonly resolve: (verdict: Verdict) => void
  readonly reject: (error: unknown) => void
}

// Admissions remembered in this process: of what the store holds, and as many of what is counted here alone. The keys
// that were not asked for longest are forgotten first.
const mostRemembered = 200_000
const keyWeight = 4
// Whoever loses against others so often in a row takes the store for lost.
const mostTries = 200

const unknown = { history: nothing, version: null, shared: false }
/** By hash, as a key may hold anything and should not tell of anybody. */
const placeOf = (key: string) => `limit/${hash('sha256', key, 'hex')}`
const weightOf = (history: History) =>
  history.tracks.reduce((sum, { admissions }) => sum + admissions.length, keyWeight)

/**
 * Makes a limiter over `keep`: one value a key, changed by compare-and-set. Checks of one key that wait here share one
 * exchange with the store. What finds a limit full by what is known here asks nobody, as nothing can have passed since.
 *
 * Time is this process's clock, but nothing is written behind what another process wrote. So a clock that is behind or
 * steps back admits no more; one that runs ahead of the others frees what they wrote early, by as much.
 */
export function createLimiter(needs: {
  readonly keep: Keep
  readonly now: () => number
  readonly strategy: Strategy
  readonly whenLost: WhenLost
  readonly meter: Meter
  /** Waits between two looks at a lost store. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
  /** Waits until all that has just come in has asked, so that it shares an exchange. Absent: nothing is waited for. */
  readonly turn?: () => Promise<void>
}): Limiter {
  const { keep, now, strategy } = needs
  const store = watchStore(needs)
  const known = createRecent<Known>({ most: mostRemembered, weigh: ({ history }) => weightOf(history) })
  const alone = createRecent<History>({ most: mostRemembered, weigh: weightOf })
  /** The checks that wait, of each key that has an exchange under way. */
  const queues = new Map<string, Waiting[]>()

  /** Decides checks of a key by one change in the store, again as long as another process was first. */
  async function exchange(key: string, checks: readonly Check[]): Promise<readonly Verdict[]> {
    let held: Known = known.get(key) ?? { ...unknown, place: placeOf(key) }
    let fresh = false
    for (let tries = 0; tries < mostTries; tries += 1) {
      const decided = decide({ history: held.history, checks, now: now(), strategy })
      if (decided.change === null) {
        if (fresh || decided.certain) return decided.verdicts
      } else if (fresh || !held.shared) {
        const { history, ttlMs } = decided.change
        const kept = await keep.compareAndSet(held.place, held.version, writeHistory(history), ttlMs)
        if (kept !== null) {
          known.set(key, { ...held, history, version: kept.version })
          return decided.verdicts
        }
      }
      held = await read(held)
      fresh = true
      known.set(key, held)
    }
    throw new KeepLost('others were always first')
  }

  async function read(before: Known): Promise<Known> {
    const { place } = before
    const kept = await keep.get(place)
    // A store that came back empty does not undo what this process knows; a time ahead of the clock is not waited for.
    if (kept === null)
      return { ...unknown, place, history: now() < before.history.last ? nothing : before.history }
    if (kept.version === before.version) return { ...before, shared: false }
    return { place, history: readHistory(kept.value) ?? nothing, version: kept.version, shared: true }
  }

  function countAlone(key: string, checks: readonly Waiting[], cause: unknown) {
    const open = checks.filter(({ whenLost }) => whenLost === 'local')
    const decided = decide({ history: alone.get(key) ?? nothing, checks: open, now: now(), strategy })
    if (decided.change !== null) alone.set(key, decided.change.history)
    for (const [place, check] of open.entries())
      check.resolve({ ...(decided.verdicts[place] as Verdict), local: true })
    for (const check of checks)
      if (check.whenLost === 'closed') check.reject(fault('dependency_unavailable', undefined, { cause }))
  }

  async function settle(key: string, checks: readonly Waiting[]): Promise<void> {
    if (store.isLost()) return countAlone(key, checks, undefined)
    try {
      const verdicts = await exchange(key, checks)
      for (const [place, check] of checks.entries()) check.resolve(verdicts[place] as Verdict)
    } catch (error) {
      if (error instanceof KeepLost) {
        store.lose()
        countAlone(key, checks, error)
      } else for (const check of checks) check.reject(error)
    }
  }

  async function drain(key: string, queue: Waiting[]): Promise<void> {
    // Whoever asks in the same turn shares the first exchange too.
    await needs.turn?.()
    while (queue.length > 0) await settle(key, queue.splice(0))
    queues.delete(key)
  }

  function submit(key: string, check: Check, whenLost: WhenLost = needs.whenLost): Promise<Verdict> {
    if (check.limits.length === 0) throw new Error('a check needs a limit')
    return new Promise((resolve, reject) => {
      const waiting = { ...check, whenLost, resolve, reject }
      const queue = queues.get(key)
      if (queue !== undefined) {
        queue.push(waiting)
        return
      }
      const mine = [waiting]
      queues.set(key, mine)
      void drain(key, mine)
    })
  }

  return {
    take: async (key, limits, { cost = 1, whenLost } = {}) =>
      submit(key, { limits, cost, counts: cost > 0 }, whenLost),
    peek: async (key, limits, { cost = 1, whenLost } = {}) =>
      submit(key, { limits, cost, counts: false }, whenLost),
    degraded: () => store.isLost() && needs.whenLost === 'local',
  }
}
