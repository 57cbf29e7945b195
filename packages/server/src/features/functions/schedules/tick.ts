import { Fault } from '@quarterdeck/sdk/errors'
import type { Keep, Lease } from '../../../ports/keep.ts'
import type { Runner } from '../runner.ts'

/** One run of a schedule: a function, for a tenant, at a minute (Unix ms). */
export interface Tick {
  readonly fn: string
  readonly tenant: string
  readonly minute: number
}

/** How long after its minute others may still take a tick up whose process died, ms: the longest deadline, and a lease. */
export const patienceMs = 330_000

const leaseMs = 15_000

/** What passes by itself; the tick is tried again. */
const passing: ReadonlySet<string> = new Set([
  'dependency_unavailable',
  'outcome_unknown',
  'overloaded',
  'draining',
])

/** The sid that a tick commits under, whichever process runs it. */
export function sidOf({ fn, minute }: Tick): string {
  return `cron:${fn}:${new Date(minute).toISOString().slice(0, 16)}Z`
}

/**
 * Makes what runs ticks: alone by a lease, and marked when it is over, so that no other process runs it after. Answers
 * false when another has it or it could not be tried: then it is to be asked again.
 */
export function createTicker(needs: {
  readonly runner: Pick<Runner, 'tick'>
  readonly keep: Keep
  /** Names this process among all that share the store. */
  readonly process: string
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** Hears of ticks that failed for good, by code. */
  readonly failed?: (tick: Tick, code: string) => void
}): (tick: Tick, signal: AbortSignal) => Promise<boolean> {
  const { keep } = needs

  return async (tick, signal) => {
    const name = `functions/cron/${tick.tenant}/${sidOf(tick)}`
    const mark = `${name}/done`
    if ((await keep.get(mark)) !== null) return true
    const lease = await keep.lease(name, needs.process, leaseMs)
    if (lease === null) return false
    try {
      // It may have been over before the lease was free.
      if ((await keep.get(mark)) === null) {
        if (!(await run(tick, lease, signal))) return false
        await keep.put(mark, '', patienceMs * 2)
      }
      return true
    } finally {
      await lease.release().catch(() => undefined)
    }
  }

  /** Whether it is over, well or not. */
  async function run(tick: Tick, lease: Lease, signal: AbortSignal): Promise<boolean> {
    const over = new AbortController()
    const lost = new AbortController()
    const holding = hold(lease, over.signal, lost)
    try {
      const { fn, tenant } = tick
      await needs.runner.tick({
        fn,
        tenant,
        sid: sidOf(tick),
        signal: AbortSignal.any([signal, lost.signal]),
      })
      return true
    } catch (error) {
      if (signal.aborted || lost.signal.aborted) return false
      const code = error instanceof Fault ? error.code : 'internal'
      if (passing.has(code)) return false
      needs.failed?.(tick, code)
      return true
    } finally {
      over.abort()
      await holding
    }
  }

  /** Renews a lease until the run is over; a lost one ends the run, since another has begun it. */
  async function hold(lease: Lease, over: AbortSignal, lost: AbortController): Promise<void> {
    while (!over.aborted) {
      await needs.pause(leaseMs / 3, over)
      if (over.aborted) return
      // A store that is away takes no lease from anybody; the sid lets only one of two commit.
      const held = await lease.renew(leaseMs).catch(() => true)
      if (!held) return lost.abort()
    }
  }
}
