import { type Cron, parseCron } from '@quarterdeck/sdk/functions/cron'
import type { LoadedApp } from '../loaded-app.ts'
import { createTicker, patienceMs, sidOf, type Tick } from './tick.ts'

const minuteMs = 60_000

/** What runs functions by their schedules; the job looks once a second. */
export interface Schedules {
  readonly job: { readonly name: string; readonly everyMs: number; run(): Promise<void> }
  /** Aborts what runs; other processes take it up. */
  stop(): Promise<void>
}

/**
 * Runs the scheduled functions of an app for each tenant, in every minute that they are due, once among all processes
 * that share the store. A minute that no process was there for is skipped, the one under way at the start too.
 */
export function createSchedules(
  needs: Parameters<typeof createTicker>[0] & {
    /** The app that runs now; null without one. */
    readonly app: () => { readonly manifest: Pick<LoadedApp['manifest'], 'functions'> } | null
    readonly tenants: () => Promise<readonly string[]>
    /** Unix ms. */
    readonly now: () => number
  },
): Schedules {
  const crons = new Map<string, Cron>()
  const attempt = createTicker(needs)
  const stopping = new AbortController()
  const pending = new Map<string, Tick>()
  const running = new Map<string, Promise<void>>()
  const minuteOf = (at: number) => Math.floor(at / minuteMs) * minuteMs
  let seen = minuteOf(needs.now())

  function cronOf(text: string): Cron {
    const cron = crons.get(text) ?? parseCron(text)
    crons.set(text, cron)
    return cron
  }

  async function lookAtClock(): Promise<void> {
    const minute = minuteOf(needs.now())
    if (minute <= seen) return
    const due = (needs.app()?.manifest.functions ?? []).filter(
      ({ cron }) => cron !== null && cronOf(cron).isDue(minute),
    )
    const tenants = due.length === 0 ? [] : await needs.tenants()
    for (const { name: fn } of due)
      for (const tenant of tenants) {
        const tick = { fn, tenant, minute }
        pending.set(`${tenant} ${sidOf(tick)}`, tick)
      }
    seen = minute
  }

  async function go(key: string, tick: Tick): Promise<void> {
    // A store that is away is asked again with the next look.
    const over = await attempt(tick, stopping.signal).catch(() => false)
    if (over || needs.now() > tick.minute + patienceMs) pending.delete(key)
    running.delete(key)
  }

  return {
    job: {
      name: 'schedules',
      everyMs: 1_000,
      async run() {
        if (stopping.signal.aborted) return
        try {
          await lookAtClock()
        } finally {
          for (const [key, tick] of pending) if (!running.has(key)) running.set(key, go(key, tick))
        }
      },
    },
    async stop() {
      stopping.abort()
      await Promise.all(running.values())
    },
  }
}
