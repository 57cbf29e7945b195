import { type Isolation, type Json, type Outcome, type Row, type Tx, TxClosed } from '../ports/tables.ts'
import { createBuffer, placesPerCommit, type Write } from './tables-buffer.ts'
import { checkId, checkStorable, checkTable, documentText } from './tables-document.ts'
import type { CommitRequest, FilterRead, TablesEngine } from './tables-over.ts'
import { type QuerySource, runQuery } from './tables-query.ts'

/** Begins a transaction over an engine. */
export function beginTx(needs: {
  readonly engine: TablesEngine
  readonly now: () => number
  readonly randomId: () => string
  readonly ask: <Result>(run: () => Promise<Result>) => Promise<Result>
  readonly commit: (request: CommitRequest) => Promise<Outcome>
  readonly tenant: string
  readonly isolation: Isolation
}): Tx {
  const { engine, ask, tenant } = needs
  const sid = needs.randomId()
  const buffer = createBuffer()
  const reads = new Map<string, { table: string; id: string }>()
  let snapshot: Promise<number> | null = null
  const filters = new Map<string, FilterRead>()
  let over = false
  // The oldest snapshot that a cursor led to: what was read there must not be written over either.
  let oldest = Number.POSITIVE_INFINITY

  function checkOpen() {
    if (over) throw new TxClosed('the transaction is over')
  }

  /** Asks for the snapshot, with rows in the same breath. After a failure the next read tries anew. */
  async function first<Answer extends { readonly last: number }>(
    run: () => Promise<Answer>,
  ): Promise<Answer> {
    const asked = ask(run)
    const last = asked.then((answer) => answer.last)
    // Whoever asked hears of a failure; the snapshot itself may have nobody waiting for it.
    last.catch(() => undefined)
    snapshot = last
    try {
      return await asked
    } catch (error) {
      if (snapshot === last) snapshot = null
      throw error
    }
  }

  async function last(): Promise<number> {
    if (snapshot === null) await first(() => engine.first(tenant, null))
    return snapshot ?? 0
  }

  async function stored(table: string, id: string): Promise<Row | null> {
    if (needs.isolation === 'serializable') reads.set(`${table} ${id}`, { table, id })
    if (snapshot === null) return (await first(() => engine.first(tenant, { table, id }))).row
    const seen = await snapshot
    return ask(() => engine.row(tenant, table, id, seen))
  }

  /** A write as the row that it makes of the one before it. */
  async function written(write: Write, data: Json, before: Row | null): Promise<Row> {
    const current = (await last()) + 1
    const kept = write.fresh ? null : before
    return {
      id: write.id,
      data,
      owner: kept?.owner ?? write.owner,
      txid: current,
      order: kept?.order ?? current * placesPerCommit + write.place,
    }
  }

  const source: QuerySource = {
    indexes: (table, anew) => ask(() => engine.indexes(tenant, table, anew)),
    async page(table, page, pinned) {
      if (pinned === null && snapshot === null) return first(() => engine.page(tenant, table, page, null))
      const seen = pinned ?? (await last())
      return ask(() => engine.page(tenant, table, page, seen))
    },
    rows: (table, ids, seen) => ask(() => engine.rows(tenant, table, ids, seen)),
    async pin(pinned) {
      if (snapshot === null || (await snapshot) < pinned) {
        const newest = await ask(() => engine.first(tenant, null))
        if (newest.last < pinned) return false
      }
      snapshot ??= Promise.resolve(pinned)
      oldest = Math.min(oldest, pinned)
      return true
    },
    noted(table, tests, seen) {
      if (needs.isolation !== 'serializable') return
      const filter = { table, tests, current: seen + 1 }
      filters.set(JSON.stringify(filter), filter)
    },
    writes: (table) => buffer.all().filter((write) => write.table === table),
    written,
  }

  return {
    sid,
    async snapshot() {
      checkOpen()
      return last()
    },
    async get(table, id) {
      checkOpen()
      checkTable(table)
      checkId(id)
      const row = await stored(table, id)
      const write = buffer.find(table, id)
      if (write === undefined) return row
      return write.text === null ? null : written(write, JSON.parse(write.text), row)
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
    async commit() {
      checkOpen()
      over = true
      const writes = buffer.all()
      const at = needs.now()
      if (writes.length === 0) return { state: 'committed', number: null, at: new Date(at) }
      // A first read that failed left no snapshot, and whoever asked for it has heard.
      const seen = snapshot === null ? null : await snapshot.catch(() => null)
      const request = {
        tenant,
        sid,
        current: seen === null ? null : Math.min(seen, oldest) + 1,
        writes,
        reads: [...reads.values()],
        filters: [...filters.values()],
        at,
      }
      return needs.commit(request)
    },
    abort() {
      over = true
    },
  }
}
