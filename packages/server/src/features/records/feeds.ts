import type { FeedEvent, FeedSource, GapReason } from '../../core/feed.ts'
import type { Log } from '../../ports/log.ts'
import { presentObject, presentState, type RecordsState, type Touched } from './fold/records-fold.ts'
import { summaryOf } from './read-records.ts'
import type { RecordsProjection } from './state.ts'

const tooFar = 10_000

/** Whether what followed a position can be said at all. */
async function gapBehind(log: Log, tenant: string, after: number, upTo: number): Promise<GapReason | null> {
  if (after > upTo && after > (await log.head(tenant))) return 'unknown'
  if (after < (await log.floor(tenant)) - 1) return 'pruned'
  return upTo - after > tooFar ? 'too_far' : null
}

/** The topic `records`: each stored record, once and in order. */
export function recordsFeed(log: Log): FeedSource {
  const said = (entries: Awaited<ReturnType<Log['read']>>): FeedEvent => ({
    position: entries.at(-1)?.position ?? 0,
    data: { items: entries.map(summaryOf) },
  })
  return {
    head: (tenant) => log.head(tenant),
    async snapshot(tenant, at) {
      const query = { filter: { upTo: at }, by: 'position', direction: 'desc', limit: 50 } as const
      return { position: at, data: { items: (await log.query(tenant, query, 10_000)).map(summaryOf) } }
    },
    async since(tenant, after, upTo) {
      const gap = await gapBehind(log, tenant, after, upTo)
      if (gap !== null) return gap
      const events: FeedEvent[] = []
      for (let from = after; from < upTo; ) {
        const entries = await log.read(tenant, from, 1_000, upTo)
        const last = entries.at(-1)
        if (last === undefined) break
        events.push(said(entries))
        from = last.position
      }
      return events
    },
    async *follow(tenant, after, signal) {
      for await (const entries of log.follow(tenant, after, signal)) yield said(entries)
    },
  }
}

/** The topic `state`: the operating state and the objects that change in it. */
export function stateFeed(needs: {
  readonly log: Log
  readonly projection: RecordsProjection
  readonly now: () => number
}): FeedSource {
  const { log, projection, now } = needs

  const changed = (state: RecordsState, position: number, touched: readonly Touched[]): FeedEvent => {
    const keys = new Map(touched.map((one) => [JSON.stringify([one.kind, one.product, one.id]), one]))
    const at = now()
    const changes = [...keys.values()].map(({ kind, product, id }) => {
      return { kind, product, id, object: presentObject(state, kind, product, id, at) }
    })
    return { position, data: { changes } }
  }

  return {
    head: async (tenant) => (await projection.live(tenant)).position,
    async snapshot(tenant) {
      const { state, position } = await projection.live(tenant)
      return { position, data: { state: presentState(state, now()) } }
    },
    async since(tenant, after, upTo) {
      const gap = await gapBehind(log, tenant, after, upTo)
      if (gap !== null) return gap
      if (after >= upTo) return []
      const touched = await projection.changesBetween(tenant, after, upTo)
      // The objects are shown as they are by now, which is at or behind `upTo`; later deltas say the same or newer.
      const { state } = await projection.live(tenant)
      return [changed(state, upTo, touched)]
    },
    async *follow(tenant, after, signal) {
      const waiting: FeedEvent[] = []
      let rouse = () => {}
      const { position, stop } = projection.subscribe(tenant, (moved) => {
        waiting.push(changed(moved.state, moved.position, moved.changes))
        rouse()
      })
      signal.addEventListener('abort', () => rouse(), { once: true })
      try {
        if (position > after) {
          const touched = await projection.changesBetween(tenant, after, position)
          const { state } = await projection.live(tenant)
          yield changed(state, position, touched)
        }
        while (!signal.aborted) {
          const event = waiting.shift()
          if (event !== undefined) yield event
          else await new Promise<void>((resolve) => (rouse = resolve))
        }
      } finally {
        stop()
      }
    },
  }
}
