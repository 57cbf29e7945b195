import type { Checkpoint, Entry, Log, LogShape, Seal, Stored } from '../../ports/log.ts'
import { LogLost } from '../../ports/log.ts'
import { firstsByTenant, type Placed, placeKey, verdictsOf } from '../append-once.ts'
import { createWaker, followBy } from '../follow.ts'
import { aggregateEntries } from './log-aggregate.ts'
import { matchesAll, passes } from './log-match.ts'

const noHash = '0'.repeat(64)

interface Kept {
  entries: Stored[]
  byId: Map<string, Stored>
  last: number
  floor: number
  checkpoints: { fold: string; source: string; checkpoint: Checkpoint }[]
}

/** A log in memory: what tests stand on, and the reference for the other engines. */
export function memoryLog(needs: { readonly shape: LogShape; readonly seal?: Seal }): Log {
  const tenants = new Map<string, Kept>()
  const waker = createWaker()
  let open = true

  const of = (tenant: string): Kept => {
    if (!open) throw new LogLost('the log is closed')
    let kept = tenants.get(tenant)
    if (kept === undefined) {
      kept = { entries: [], byId: new Map(), last: 0, floor: 1, checkpoints: [] }
      tenants.set(tenant, kept)
    }
    return kept
  }

  function store(tenant: string, kept: Kept, entry: Entry): Stored {
    const position = kept.last + 1
    const plain = { ...entry, tenant, position }
    const prevHash = kept.entries.at(-1)?.hash ?? noHash
    const stored: Stored =
      needs.shape.chained && needs.seal
        ? { ...plain, prevHash, hash: needs.seal({ ...plain, prevHash }) }
        : plain
    kept.entries.push(stored)
    kept.byId.set(entry.id, stored)
    kept.last = position
    return stored
  }

  /** Index of the first entry behind a position. */
  function behind(kept: Kept, position: number): number {
    let low = 0
    let high = kept.entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((kept.entries[middle] as Stored).position > position) high = middle
      else low = middle + 1
    }
    return low
  }

  const log: Log = {
    async append(tenant, entries) {
      const kept = of(tenant)
      const placed = new Map<string, Placed>()
      for (const entry of firstsByTenant([{ tenant, entries }]).get(tenant) ?? []) {
        const known = kept.byId.get(entry.id)
        const { position, receivedAt, digest } = known ?? store(tenant, kept, entry)
        placed.set(placeKey(tenant, entry.id), { position, receivedAt, digest, fresh: known === undefined })
      }
      waker.wake(tenant)
      return verdictsOf([{ tenant, entries }], placed)[0] ?? []
    },
    head: async (tenant) => of(tenant).last,
    floor: async (tenant) => of(tenant).floor,
    get: async (tenant, id) => of(tenant).byId.get(id) ?? null,
    async read(tenant, after, limit, upTo = Number.POSITIVE_INFINITY) {
      const kept = of(tenant)
      const from = behind(kept, after)
      return kept.entries.slice(from, from + limit).filter((entry) => entry.position <= upTo)
    },
    async positionAt(tenant, instant) {
      let position = 0
      for (const entry of of(tenant).entries) if (entry.receivedAt <= instant) position = entry.position
      return position
    },
    follow: (tenant, after, signal) =>
      followBy({
        key: tenant,
        after,
        signal,
        waker,
        pollMs: 1_000,
        read: (from, limit) => log.read(tenant, from, limit),
      }),
    async query(tenant, query) {
      const sign = query.direction === 'asc' ? 1 : -1
      const order = (
        a: { occurredAt: number; position: number },
        b: { occurredAt: number; position: number },
      ) => ((query.by === 'time' ? a.occurredAt - b.occurredAt : 0) || a.position - b.position) * sign
      const { behind: cursor } = query
      return of(tenant)
        .entries.filter((entry) => passes(entry, query.filter))
        .filter((entry) => cursor === undefined || order(entry, cursor) > 0)
        .sort(order)
        .slice(0, query.limit)
    },
    async aggregate(tenant, filter, groupings) {
      const entries = of(tenant).entries.filter((entry) => passes(entry, filter))
      return groupings.map((grouping) => aggregateEntries(entries, grouping))
    },
    async saveCheckpoint(tenant, fold, source, checkpoint) {
      const kept = of(tenant)
      const others = kept.checkpoints.filter(
        (one) =>
          one.fold !== fold || one.source !== source || one.checkpoint.position !== checkpoint.position,
      )
      kept.checkpoints = [...others, { fold, source, checkpoint }]
    },
    async loadCheckpoint(tenant, fold, source, upTo) {
      const found = of(tenant)
        .checkpoints.filter((one) => one.fold === fold && one.source === source)
        .map((one) => one.checkpoint)
        .filter((checkpoint) => checkpoint.position <= upTo)
        .sort((a, b) => b.position - a.position)
      return found[0] ?? null
    },
    async prune(tenant, before, where) {
      const kept = of(tenant)
      const gone = kept.entries.filter((entry) => entry.receivedAt < before && matchesAll(entry, where))
      const ids = new Set(gone.map((entry) => entry.id))
      kept.entries = kept.entries.filter((entry) => !ids.has(entry.id))
      for (const id of ids) kept.byId.delete(id)
      if (where === undefined) kept.floor = Math.max(kept.floor, 1 + (gone.at(-1)?.position ?? 0))
      return gone.length
    },
    tenants: async () => [...tenants].filter(([, kept]) => kept.last > 0).map(([tenant]) => tenant),
    async check() {
      if (!open) throw new LogLost('the log is closed')
    },
    async close() {
      open = false
      waker.wakeAll()
    },
  }
  return log
}
