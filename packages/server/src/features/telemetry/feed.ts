import type { FeedEvent, FeedSource } from '../../core/feed.ts'
import type { Log } from '../../ports/log.ts'

const windowMs = 15 * 60_000
const paceMs = 250

/** The topic `telemetry`: how much came in, by type, at most four times a second. */
export function telemetryFeed(needs: {
  readonly log: Log
  readonly now: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}): FeedSource {
  const { log, now } = needs

  async function counted(tenant: string, filter: Parameters<Log['aggregate']>[1]) {
    const [rows = []] = await log.aggregate(
      tenant,
      filter,
      [{ by: ['event_type'], measures: { count: { op: 'count' } } }],
      10_000,
    )
    const byType = Object.fromEntries(rows.map((row) => [String(row.key[0]), row.values.count ?? 0]))
    return { added: Object.values(byType).reduce((sum, count) => sum + count, 0), byType }
  }

  return {
    head: (tenant) => log.head(tenant),
    async snapshot(tenant, at) {
      return {
        position: at,
        data: { ...(await counted(tenant, { from: now() - windowMs, upTo: at })), markers: [] },
      }
    },
    async since(tenant, after, upTo) {
      if (after > upTo && after > (await log.head(tenant))) return 'unknown'
      if (after < (await log.floor(tenant)) - 1) return 'pruned'
      if (upTo - after > 10_000) return 'too_far'
      return after >= upTo ? [] : [{ position: upTo, data: await counted(tenant, { after, upTo }) }]
    },
    async *follow(tenant, after, signal) {
      let told = 0
      for await (const entries of log.follow(tenant, after, signal)) {
        const byType: Record<string, number> = {}
        for (const entry of entries) {
          const type = String(entry.attributes.event_type)
          byType[type] = (byType[type] ?? 0) + 1
        }
        const event: FeedEvent = {
          position: entries.at(-1)?.position ?? 0,
          data: { added: entries.length, byType },
        }
        const wait = told + paceMs - now()
        if (wait > 0) await needs.pause(wait, signal)
        told = now()
        yield event
      }
    },
  }
}
