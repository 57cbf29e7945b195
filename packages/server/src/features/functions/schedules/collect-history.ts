import type { Keep } from '../../../ports/keep.ts'
import type { Tables } from '../../../ports/tables.ts'

/** A job that purges what the history window and no session keeps; of several processes one does it each time. */
export function collectHistory(needs: {
  readonly tables: Pick<Tables, 'collect'>
  readonly keep: Keep
  /** Names this process among all that share the store. */
  readonly process: string
  /** How long ended versions are kept, ms. */
  readonly historyMs: number
  /** 600,000 unless said. */
  readonly collectEveryMs?: number
  /** Unix ms. */
  readonly now: () => number
}): { readonly name: string; readonly everyMs: number; run(): Promise<number> } {
  const everyMs = needs.collectEveryMs ?? 600_000
  return {
    name: 'collect',
    everyMs,
    /** Answers how many versions went. */
    async run() {
      // Held until shortly before the next turn, so that the others, whose turns fall between, leave it.
      const lease = await needs.keep.lease('functions/collect', needs.process, Math.ceil(everyMs * 0.9))
      if (lease === null) return 0
      try {
        const { purged } = await needs.tables.collect({
          now: new Date(needs.now()),
          historyMs: needs.historyMs,
        })
        return purged
      } catch (error) {
        await lease.release().catch(() => undefined)
        throw error
      }
    },
  }
}
