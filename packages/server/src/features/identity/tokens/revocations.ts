import type { Tables } from '../../../ports/tables.ts'
import { owner } from '../store.ts'

const beatMs = 1_000
const silentMs = 5_000
const againMs = 500

/** Follows what changes in identity's documents, so that this process knows what it may still believe. */
export interface Revocations {
  /** Begins to follow at the present head. Throws `TablesLost`. */
  start(): Promise<void>
  stop(): void
  /** Whether all that was committed until five seconds ago has been heard of. */
  trusted(): boolean
}

/**
 * Follows the feed, and reads the head of the log of commits every second. The head proves the feed: only when
 * everything up to it has arrived is it known that nothing was missed.
 */
export function createRevocations(needs: {
  readonly tables: Tables
  /** Told of rows `table/id` that changed, here or in another process. */
  readonly changed: (rows: readonly string[]) => void
  /** Told that commits were missed which nobody can tell any more: nothing that was read before is believed. */
  readonly missed: () => void
  readonly now: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}): Revocations {
  const { tables, changed, missed, now, pause } = needs
  const stop = new AbortController()
  let beats: { readonly head: number; readonly at: number }[] = []
  let last = 0
  let heardAt = Number.NEGATIVE_INFINITY

  const head = () => tables.begin({ tenant: owner }).snapshot()

  function hear(): void {
    for (const beat of beats) if (beat.head <= last) heardAt = Math.max(heardAt, beat.at)
    beats = beats.filter((beat) => beat.head > last).slice(-60)
  }

  async function follow(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        for await (const commit of tables.changes(owner, last, stop.signal)) {
          changed(commit.touched.map(({ table, id }) => `${table}/${id}`))
          last = commit.number
          hear()
        }
      } catch (error) {
        // The engine is away; until it is back nothing is believed.
        if (error instanceof Error && error.name === 'HistoryGone') await skip().catch(() => undefined)
      }
      if (!stop.signal.aborted) await pause(againMs, stop.signal).catch(() => undefined)
    }
  }

  /** Goes on at the present head, after commits that were purged before they were heard of. */
  async function skip(): Promise<void> {
    const newest = await head()
    missed()
    last = newest
    hear()
  }

  async function beat(): Promise<void> {
    while (!stop.signal.aborted) {
      await pause(beatMs, stop.signal).catch(() => undefined)
      if (stop.signal.aborted) return
      const at = now()
      try {
        beats.push({ head: await head(), at })
        hear()
      } catch {
        // No beat: after five seconds without one nothing is believed.
      }
    }
  }

  return {
    async start() {
      const at = now()
      last = await head()
      heardAt = at
      void follow()
      void beat()
    },
    stop: () => stop.abort(),
    trusted: () => now() - heardAt < silentMs,
  }
}
