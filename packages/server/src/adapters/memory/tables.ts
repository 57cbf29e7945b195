import type { Outcome, Row, Tables } from '../../ports/tables.ts'
import { placesPerCommit, type Write } from '../tables-buffer.ts'
import { type CommitRequest, type TablesEngine, tablesOver } from '../tables-over.ts'

/** A version of a row: visible to snapshots from `txid` on, before `deletedTxid`. */
interface Version {
  readonly text: string
  readonly txid: number
  deletedTxid: number | null
  readonly owner: string
  readonly order: number
}

interface Commit {
  readonly number: number
  readonly at: number
  readonly touched: readonly { table: string; id: string; type: 'insert' | 'update' | 'delete' }[]
}

interface Holding {
  last: number
  at: number
  /** Versions of a row by table and id, oldest first. */
  readonly rows: Map<string, Version[]>
  readonly commits: Map<string, Commit>
}

/** What several handles of one process share, by tenant. */
export type MemoryTablesStore = Map<string, Holding>

function holdingOf(store: MemoryTablesStore, tenant: string): Holding {
  let holding = store.get(tenant)
  if (holding === undefined) {
    holding = { last: 0, at: 0, rows: new Map(), commits: new Map() }
    store.set(tenant, holding)
  }
  return holding
}

const keyOf = ({ table, id }: { readonly table: string; readonly id: string }) => `${table} ${id}`

function rowAt(holding: Holding, table: string, id: string, last: number): Row | null {
  const seen = holding.rows
    .get(keyOf({ table, id }))
    ?.findLast(
      (version) => version.txid <= last && (version.deletedTxid === null || version.deletedTxid > last),
    )
  if (seen === undefined) return null
  return { id, data: JSON.parse(seen.text), owner: seen.owner, txid: seen.txid, order: seen.order }
}

/** Writes one document as of a commit; says what was done to the row. */
function apply(holding: Holding, write: Write, number: number): Commit['touched'] {
  const { table, id } = write
  const versions = holding.rows.get(keyOf(write)) ?? []
  const newest = versions.at(-1)
  const live = newest !== undefined && newest.deletedTxid === null ? newest : null
  if (live !== null) live.deletedTxid = number
  if (write.text === null) return live === null ? [] : [{ table, id, type: 'delete' }]
  const kept = write.fresh ? null : live
  versions.push({
    text: write.text,
    txid: number,
    deletedTxid: null,
    owner: kept?.owner ?? write.owner,
    order: kept?.order ?? number * placesPerCommit + write.place,
  })
  holding.rows.set(keyOf(write), versions)
  return [{ table, id, type: live === null ? 'insert' : 'update' }]
}

function commit(store: MemoryTablesStore, request: CommitRequest): Outcome {
  const holding = holdingOf(store, request.tenant)
  const known = holding.commits.get(request.sid)
  if (known !== undefined) return { state: 'committed', number: known.number, at: new Date(known.at) }
  const current = request.current ?? holding.last + 1
  for (const { table, id } of [...request.writes, ...request.reads]) {
    const newest = holding.rows.get(keyOf({ table, id }))?.at(-1)
    if (newest !== undefined && (newest.txid >= current || (newest.deletedTxid ?? 0) >= current)) {
      return { state: 'aborted', why: 'conflict', table, id }
    }
  }
  const number = holding.last + 1
  const at = Math.max(holding.at, request.at)
  const touched = request.writes.flatMap((write) => apply(holding, write, number))
  holding.commits.set(request.sid, { number, at, touched })
  holding.last = number
  holding.at = at
  return { state: 'committed', number, at: new Date(at) }
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
    async first(tenant, wanted) {
      const holding = holdingOf(store, tenant)
      const { last } = holding
      return { last, row: wanted === null ? null : rowAt(holding, wanted.table, wanted.id, last) }
    },
    row: async (tenant, table, id, last) => rowAt(holdingOf(store, tenant), table, id, last),
    commit: async (request) => commit(store, request),
    check: async () => undefined,
    close: async () => undefined,
  }
  return tablesOver({ engine, now: needs.now, randomId: needs.randomId, isLost: () => false })
}
