import { type Commit, NotUnique, type Row, type Tables } from '../../ports/tables.ts'
import { createWaker, type Waker } from '../follow.ts'
import { type TablesEngine, tablesOver } from '../tables-over.ts'
import { comparePositions, type Page, positionOf } from '../tables-page.ts'
import { type DeclaredTable, missingIndexes, type TableIndex } from '../tables-shape.ts'
import { meets } from '../tables-tests.ts'
import {
  commit,
  documentOf,
  type Holding,
  liveRows,
  recall,
  settle,
  uniqueKey,
  type Version,
  visible,
} from './tables-commit.ts'
import { memoryKeeping } from './tables-keeping.ts'

/** What several handles of one process share, by tenant. */
export type MemoryTablesStore = Map<string, Holding>

// One for all handles on a store, as they are one process.
const wakers = new WeakMap<MemoryTablesStore, Waker>()

function wakerOf(store: MemoryTablesStore): Waker {
  const waker = wakers.get(store) ?? createWaker()
  wakers.set(store, waker)
  return waker
}

function holdingOf(store: MemoryTablesStore, tenant: string): Holding {
  let holding = store.get(tenant)
  if (holding === undefined) {
    holding = {
      last: 0,
      at: 0,
      tables: new Map(),
      commits: new Map(),
      voids: new Map(),
      keys: new Map(),
      indexes: new Map(),
      horizon: 0,
      permissions: new Map(),
      sessions: new Map(),
      migrations: new Map(),
    }
    store.set(tenant, holding)
  }
  return holding
}

function rowOf(id: string, seen: Version): Row {
  return { id, data: JSON.parse(seen.text), owner: seen.owner, txid: seen.txid, order: seen.order }
}

function rowAt(holding: Holding, table: string, id: string, last: number): Row | null {
  const seen = visible(holding.tables.get(table)?.get(id) ?? [], last)
  return seen === undefined ? null : rowOf(id, seen)
}

function pageAt(holding: Holding, table: string, page: Page, last: number): Row[] {
  const { after, descending } = page
  const without = new Set(page.without)
  const tests = [...page.range, ...page.rest]
  for (const [at, key] of page.equal.entries()) {
    tests.push({ field: page.fields?.[at] ?? '', sign: '=', keys: [key] })
  }
  const found = []
  for (const [id, versions] of holding.tables.get(table) ?? []) {
    const seen = without.has(id) ? undefined : visible(versions, last)
    if (seen === undefined || (page.owner !== null && page.owner !== seen.owner)) continue
    const data = documentOf(seen)
    const position = positionOf(page, { id, data, order: seen.order })
    if (after !== null && comparePositions(position, after, descending) <= 0) continue
    if (meets(data, tests)) found.push({ id, seen, position })
  }
  found.sort((a, b) => comparePositions(a.position, b.position, descending))
  return found.slice(0, page.limit).map(({ id, seen }) => rowOf(id, seen))
}

function prepare(holding: Holding, tables: readonly DeclaredTable[]): void {
  const made = new Map<string, readonly TableIndex[]>()
  for (const { name, indexes } of tables) {
    const there = holding.indexes.get(name) ?? []
    const missing = missingIndexes(indexes, there)
    for (const { fields, unique } of missing) {
      const keys = unique ? liveRows(holding, name).flatMap(({ data }) => uniqueKey(data, fields) ?? []) : []
      if (new Set(keys).size < keys.length) throw new NotUnique(`rows of ${name} clash in ${fields.join()}`)
    }
    const kept = there.filter((index) =>
      missing.every((one) => one.fields.join('\n') !== index.fields.join('\n')),
    )
    made.set(name, [...kept, ...missing])
  }
  for (const [name, indexes] of made) holding.indexes.set(name, indexes)
  for (const { name, permissions } of tables) {
    if (!holding.permissions.has(name)) holding.permissions.set(name, permissions ?? 7)
  }
}

/** The last commit made by an instant; what is not there any more lies before all that is. */
function lastBy(holding: Holding, at: number): number {
  const kept = [...holding.commits.values()]
  const purged = (kept[0]?.number ?? holding.last + 1) - 1
  return kept.findLast((one) => one.at <= at)?.number ?? purged
}

function commitsAfter(holding: Holding, after: number): Commit[] {
  return [...holding.commits.values()]
    .filter(({ number }) => number > after)
    .slice(0, 500)
    .map(({ number, touched }) => ({ number, touched }))
}

/** `tables` in memory: what tests stand on, and the reference for the other engines. A commit is one tick. */
export function memoryTables(needs: {
  readonly now: () => number
  readonly randomId: () => string
  /** Shared with other handles of this process. */
  readonly store?: MemoryTablesStore
}): Tables {
  const store: MemoryTablesStore = needs.store ?? new Map()
  const engine: TablesEngine = {
    ...memoryKeeping({ holdingOf: (tenant) => holdingOf(store, tenant), holdings: () => store.values() }),
    async first(tenant, wanted) {
      const holding = holdingOf(store, tenant)
      const { last } = holding
      return { last, row: wanted === null ? null : rowAt(holding, wanted.table, wanted.id, last) }
    },
    row: async (tenant, table, id, last) => rowAt(holdingOf(store, tenant), table, id, last),
    async rows(tenant, table, ids, last) {
      const holding = holdingOf(store, tenant)
      const seen = last ?? holding.last
      return { last: seen, rows: ids.flatMap((id) => rowAt(holding, table, id, seen) ?? []) }
    },
    async moment(tenant, at) {
      const holding = holdingOf(store, tenant)
      const { last, horizon } = holding
      return { last, horizon, byThen: at === null ? last : lastBy(holding, at) }
    },
    settle: async (tenant, sid, at) => settle(holdingOf(store, tenant), sid, at),
    recall: async (tenant, idempotency) => recall(holdingOf(store, tenant), idempotency),
    async standing(tenant) {
      const { permissions, indexes } = holdingOf(store, tenant)
      return new Map(
        [...permissions.keys()].map((name) => [
          name,
          // Whatever is asked for is sorted then: nothing has to stand ready.
          { indexes: indexes.get(name) ?? [], owned: true, listed: true },
        ]),
      )
    },
    indexes: async (tenant, table) => holdingOf(store, tenant).indexes.get(table) ?? [],
    async page(tenant, table, page, last) {
      const holding = holdingOf(store, tenant)
      const seen = last ?? holding.last
      return { last: seen, rows: pageAt(holding, table, page, seen) }
    },
    prepare: async (tenant, tables) => prepare(holdingOf(store, tenant), tables),
    commits: async (tenant, after) => commitsAfter(holdingOf(store, tenant), after),
    commit: async (request) => commit(holdingOf(store, request.tenant), request),
    check: async () => undefined,
    close: async () => undefined,
  }
  return tablesOver({ ...needs, engine, isLost: () => false, waker: wakerOf(store), pollMs: 1_000 })
}
