import {
  DocumentInvalid,
  type Isolation,
  type Outcome,
  type Row,
  type Tables,
  TablesLost,
  type Tx,
  TxClosed,
} from '../ports/tables.ts'
import { createBuffer, placesPerCommit, type Write } from './tables-buffer.ts'
import { checkId, checkStorable, checkTable, documentText } from './tables-document.ts'

/** A transaction as an engine commits it. */
export interface CommitRequest {
  readonly tenant: string
  readonly sid: string
  /** The snapshot's number + 1; null when nothing was read. */
  readonly current: number | null
  readonly writes: readonly Write[]
  /** Ids that were read and must not have been written since. */
  readonly reads: readonly { readonly table: string; readonly id: string }[]
  /** The time of the commit, Unix ms. */
  readonly at: number
}

/** What an engine must do for `tables`; its arguments are checked. */
export interface TablesEngine {
  /** The tenant's last commit and, of the same moment, a row. */
  first(
    tenant: string,
    wanted: { readonly table: string; readonly id: string } | null,
  ): Promise<{ last: number; row: Row | null }>
  /** The version of a row that a snapshot sees. */
  row(tenant: string, table: string, id: string, last: number): Promise<Row | null>
  /** Rejects only when nothing was written. */
  commit(request: CommitRequest): Promise<Outcome>
  check(): Promise<void>
  close(): Promise<void>
}

/** `tables` over an engine: what all of them share, so that they cannot differ in it. */
export function tablesOver(needs: {
  readonly engine: TablesEngine
  readonly now: () => number
  readonly randomId: () => string
  /** Whether an error of the engine says that it is away. */
  readonly isLost: (error: unknown) => boolean
}): Tables {
  const { engine } = needs
  let open = true

  async function ask<Result>(run: () => Promise<Result>): Promise<Result> {
    if (!open) throw new TablesLost('the handle is closed')
    try {
      return await run()
    } catch (error) {
      throw needs.isLost(error) ? new TablesLost('the engine is away', { cause: error }) : error
    }
  }

  return {
    begin({ tenant, isolation }) {
      if (tenant === '') throw new DocumentInvalid('a tenant has a name')
      checkStorable(tenant, 'a tenant')
      return beginTx({ ...needs, ask, tenant, isolation: isolation ?? 'snapshot' })
    },
    check: () => ask(() => engine.check()),
    async close() {
      if (!open) return
      open = false
      await engine.close()
    },
  }
}

function beginTx(needs: {
  readonly engine: TablesEngine
  readonly now: () => number
  readonly randomId: () => string
  readonly ask: <Result>(run: () => Promise<Result>) => Promise<Result>
  readonly tenant: string
  readonly isolation: Isolation
}): Tx {
  const { engine, ask, tenant } = needs
  const sid = needs.randomId()
  const buffer = createBuffer()
  const reads = new Map<string, { table: string; id: string }>()
  let snapshot: Promise<number> | null = null
  let over = false

  function checkOpen() {
    if (over) throw new TxClosed('the transaction is over')
  }

  /** Asks for the snapshot, with a row in the same breath. After a failure the next read tries anew. */
  async function first(wanted: { table: string; id: string } | null): Promise<Row | null> {
    const asked = ask(() => engine.first(tenant, wanted))
    const last = asked.then((answer) => answer.last)
    // Whoever asked hears of a failure; the snapshot itself may have nobody waiting for it.
    last.catch(() => undefined)
    snapshot = last
    try {
      return (await asked).row
    } catch (error) {
      if (snapshot === last) snapshot = null
      throw error
    }
  }

  async function last(): Promise<number> {
    if (snapshot === null) await first(null)
    return snapshot ?? 0
  }

  async function stored(table: string, id: string): Promise<Row | null> {
    if (needs.isolation === 'serializable') reads.set(`${table} ${id}`, { table, id })
    if (snapshot === null) return first({ table, id })
    const seen = await snapshot
    return ask(() => engine.row(tenant, table, id, seen))
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
      if (write.text === null) return null
      const current = (await last()) + 1
      const kept = row !== null && !write.fresh
      return {
        id,
        data: JSON.parse(write.text),
        owner: kept ? row.owner : write.owner,
        txid: current,
        order: kept ? row.order : current * placesPerCommit + write.place,
      }
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
        current: seen === null ? null : seen + 1,
        writes,
        reads: [...reads.values()],
        at,
      }
      return ask(() => engine.commit(request))
    },
    abort() {
      over = true
    },
  }
}
