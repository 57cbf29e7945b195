import {
  type CommitMeta,
  DocumentInvalid,
  type Isolation,
  type Json,
  type Outcome,
  type Row,
  type Tx,
  TxClosed,
} from '../ports/tables.ts'
import { createBuffer, placesPerCommit, type Write } from './tables-buffer.ts'
import { checkId, checkStorable, checkTable, documentText } from './tables-document.ts'
import type { TxState } from './tables-keeping.ts'
import { storedMeta } from './tables-meta.ts'
import type { CommitRequest, FilterRead, TablesEngine } from './tables-over.ts'
import { type QuerySource, runQuery } from './tables-query.ts'
import { createSnapshot } from './tables-snapshot.ts'

const maxIds = 1_000

const states = new WeakMap<Tx, () => Promise<TxState>>()

/** All that a transaction is, for another to go on with; it is over then. Throws `TxClosed`. */
export async function stateOf(tx: Tx): Promise<TxState> {
  const state = states.get(tx)
  if (state === undefined) throw new TxClosed('the transaction is none of ours')
  return state()
}

/** Begins a transaction over an engine, or goes on with the state of one that was put away as version `session`. */
export function beginTx(needs: {
  readonly engine: TablesEngine
  readonly now: () => number
  readonly randomId: () => string
  readonly ask: <Result>(run: () => Promise<Result>) => Promise<Result>
  readonly commit: (request: CommitRequest) => Promise<Outcome>
  readonly tenant: string
  readonly isolation?: Isolation
  /** As of a commit's number, or of an instant. */
  readonly at?: number | Date
  readonly sid?: string
  readonly state?: TxState
  readonly session?: number | null
}): Tx {
  const { engine, ask, tenant, state } = needs
  const sid = state?.sid ?? needs.sid ?? needs.randomId()
  const isolation = state?.isolation ?? needs.isolation ?? 'snapshot'
  const session = needs.session ?? null
  const buffer = createBuffer(state)
  const readKey = (table: string, id: string) => `${table} ${id}`
  const reads = new Map((state?.reads ?? []).map((read) => [readKey(read.table, read.id), read]))
  const filters = new Map((state?.filters ?? []).map((filter) => [JSON.stringify(filter), filter]))
  const snapshot = createSnapshot({
    ...{ engine, ask, tenant, now: needs.now, at: needs.at ?? null },
    ...(state === undefined ? {} : { held: { last: state.snapshot, oldest: state.oldest } }),
  })
  let over = false

  function checkOpen() {
    if (over) throw new TxClosed('the transaction is over')
  }

  function noteRead(table: string, id: string) {
    if (isolation === 'serializable') reads.set(readKey(table, id), { table, id })
  }

  async function stored(table: string, id: string): Promise<Row | null> {
    noteRead(table, id)
    if (snapshot.isOpen()) return (await snapshot.fix(() => engine.first(tenant, { table, id }))).row
    const seen = await snapshot.last()
    return snapshot.read(seen, () => engine.row(tenant, table, id, seen))
  }

  async function storedAll(table: string, ids: readonly string[]): Promise<readonly Row[]> {
    for (const id of ids) noteRead(table, id)
    if (snapshot.isOpen()) return (await snapshot.fix(() => engine.rows(tenant, table, ids, null))).rows
    const seen = await snapshot.last()
    return (await snapshot.read(seen, () => engine.rows(tenant, table, ids, seen))).rows
  }

  /** A write as the row that it makes of the one before it. */
  async function written(write: Write, data: Json, before: Row | null): Promise<Row> {
    const current = (await snapshot.last()) + 1
    const kept = write.fresh ? null : before
    return {
      id: write.id,
      data,
      owner: kept?.owner ?? write.owner,
      txid: current,
      order: kept?.order ?? current * placesPerCommit + write.place,
    }
  }

  /** A row as it is with the transaction's own write laid over it. */
  async function laidOver(table: string, id: string, row: Row | null): Promise<Row | null> {
    const write = buffer.find(table, id)
    if (write === undefined) return row
    return write.text === null ? null : written(write, JSON.parse(write.text), row)
  }

  const source: QuerySource = {
    indexes: (table, anew) => ask(() => engine.indexes(tenant, table, anew)),
    async page(table, page, pinned) {
      if (pinned === null && snapshot.isOpen())
        return snapshot.fix(() => engine.page(tenant, table, page, null))
      const seen = pinned ?? (await snapshot.last())
      return snapshot.read(seen, () => engine.page(tenant, table, page, seen))
    },
    rows: async (table, ids, seen) =>
      (await snapshot.read(seen, () => engine.rows(tenant, table, ids, seen))).rows,
    pin: (pinned) => snapshot.pin(pinned),
    noted(table, tests, owner, seen) {
      if (isolation !== 'serializable') return
      const filter: FilterRead = { table, tests, owner, current: seen + 1 }
      filters.set(JSON.stringify(filter), filter)
    },
    writes: (table) => buffer.all().filter((write) => write.table === table),
    written,
  }

  const tx: Tx = {
    sid,
    async snapshot() {
      checkOpen()
      return snapshot.last()
    },
    async get(table, id) {
      checkOpen()
      checkTable(table)
      checkId(id)
      return laidOver(table, id, await stored(table, id))
    },
    async getAll(table, ids) {
      checkOpen()
      checkTable(table)
      if (ids.length > maxIds)
        throw new DocumentInvalid(`at most ${maxIds} rows are read by their ids at once`)
      for (const id of ids) checkId(id)
      const wanted = [...new Set(ids)]
      if (wanted.length === 0) return []
      const there = new Map((await storedAll(table, wanted)).map((row) => [row.id, row]))
      const rows = await Promise.all(wanted.map((id) => laidOver(table, id, there.get(id) ?? null)))
      return rows.filter((row) => row !== null)
    },
    async query(table, query) {
      checkOpen()
      checkTable(table)
      return runQuery(source, table, query)
    },
    set(table, id, data, owner) {
      checkOpen()
      checkTable(table)
      const name = id ?? needs.randomId()
      checkId(name)
      checkStorable(owner, 'an owner')
      buffer.set(table, name, documentText(data), owner)
      return name
    },
    delete(table, id) {
      checkOpen()
      checkTable(table)
      checkId(id)
      buffer.delete(table, id)
    },
    async commit(meta: CommitMeta = {}) {
      checkOpen()
      const said = storedMeta(meta)
      over = true
      const writes = buffer.all()
      const at = needs.now()
      const isBare = writes.length === 0 && said.idempotency === null && said.migration === null
      if (isBare && session === null) return { state: 'committed', number: null, at: new Date(at) }
      // A first read that failed left no snapshot, and whoever asked for it has heard.
      const seen = await snapshot.state()
      return needs.commit({
        tenant,
        sid,
        current: seen.last === null ? null : Math.min(seen.last, seen.oldest ?? seen.last) + 1,
        writes,
        reads: [...reads.values()],
        filters: [...filters.values()],
        at,
        meta: said,
        session,
        isBare,
      })
    },
    abort() {
      over = true
    },
  }
  states.set(tx, async () => {
    checkOpen()
    over = true
    // What is as of an instant has its snapshot before it goes elsewhere.
    if (needs.at !== undefined) await snapshot.last()
    const { last, oldest } = await snapshot.state()
    return {
      sid,
      isolation,
      snapshot: last,
      oldest,
      writes: buffer.all(),
      places: buffer.places(),
      reads: [...reads.values()],
      filters: [...filters.values()],
    }
  })
  return tx
}
