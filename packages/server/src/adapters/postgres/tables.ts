import type { Pool } from 'pg'
import { type Commit, type Json, type Row, type Tables, TablesLost } from '../../ports/tables.ts'
import { createWaker, type Waker } from '../follow.ts'
import { readNumber } from '../read-number.ts'
import { type TablesEngine, tablesOver } from '../tables-over.ts'
import type { TableIndex } from '../tables-shape.ts'
import { createAskOften } from './often.ts'
import { isLost } from './pool.ts'
import { tablesCommitter } from './tables-commit.ts'
import { postgresKeeping } from './tables-keeping.ts'
import { newestReader } from './tables-newest.ts'
import { pageSql } from './tables-page.ts'
import { prepareAll } from './tables-prepare.ts'
import { settleOutcome } from './tables-settle.ts'
import {
  commitsSql,
  firstRowsSql,
  indexesSql,
  lastSql,
  momentSql,
  placeSql,
  recallSql,
  rowsSql,
  standingSql,
  supersededSql,
  type VersionLine,
} from './tables-sql.ts'

interface RecallLine {
  readonly number: string
  readonly at: Date
  readonly request: string | null
  readonly result: Json
}

interface StandingLine {
  readonly id: string
  readonly owned: boolean
  readonly listed: boolean
  readonly indexes: readonly (readonly [fields: readonly string[], unique: boolean])[]
}

/** The row as a snapshot sees this version of it. */
function rowAt(line: VersionLine | undefined, last: number): Row | null {
  if (line === undefined || line.id === null || readNumber(line._txid) > last) return null
  if (line._deleted_txid !== null && readNumber(line._deleted_txid) <= last) return null
  return {
    id: line.id,
    // Only documents that passed as JSON were stored.
    data: line.data as Row['data'],
    owner: line._owner,
    txid: readNumber(line._txid),
    order: readNumber(line._order),
  }
}

/**
 * `tables` in Postgres: a commit is one call of one function under the lock on the tenant's head, a first read one
 * statement. Closing it leaves the pool open.
 */
export function postgresTables(needs: {
  readonly pool: Pool
  readonly now: () => number
  readonly randomId: () => string
  /** Rouses followers within this process; shared with the notifier, which hears of other processes. */
  readonly waker?: Waker
  /** Tells other processes that a tenant has new commits. */
  readonly grew?: (log: string, tenants: readonly string[]) => void
  /** How often followers look for what nobody told them of, ms. */
  readonly pollMs?: number
}): Tables {
  const { pool, grew } = needs
  // Indexes are only ever added, or made unique.
  const declared = new Map<string, readonly TableIndex[]>()
  // Physical tables by tenant and name. They are made once and never dropped.
  const places = new Map<string, string>()
  const askOften = createAskOften()
  const readNewest = newestReader({ pool, askOften })
  const keyOf = (tenant: string, table: string) => `${table} ${tenant}`

  async function ask<Line extends object>(text: string, values: unknown[]): Promise<Line | undefined> {
    return (await pool.query<Line>(text, values)).rows[0]
  }

  /** The last commit and, as of the same moment, where the table is; null while nobody wrote to it. */
  async function place(tenant: string, table: string): Promise<{ last: number; ptr: string | null }> {
    const found = await ask<{ last: string; ptr: string | null }>(placeSql, [tenant, table])
    const ptr = found?.ptr ?? null
    if (ptr !== null) places.set(keyOf(tenant, table), ptr)
    return { last: readNumber(found?.last ?? 0), ptr }
  }

  /**
   * The main table holds an id's newest version, deleted or not. If that began after the snapshot, the one before it was
   * moved to the history by the same commit, so asking there afterwards cannot miss it.
   */
  async function versionAt(tenant: string, ptr: string, id: string, last: number): Promise<Row | null> {
    const { line: newest } = await readNewest({ tenant, ptr }, id)
    if (newest === undefined || newest.id === null || readNumber(newest._txid) <= last)
      return rowAt(newest, last)
    return rowAt(await ask<VersionLine>(supersededSql(ptr), [id, last]), last)
  }

  const engine: TablesEngine = {
    ...postgresKeeping({ pool, now: needs.now }),
    async first(tenant, wanted) {
      if (wanted === null) {
        const found = await ask<{ last: string }>(lastSql, [tenant])
        return { last: readNumber(found?.last ?? 0), row: null }
      }
      const { table, id } = wanted
      const known = places.get(keyOf(tenant, table))
      if (known !== undefined) {
        const { last, line } = await readNewest({ tenant, ptr: known }, id)
        return { last, row: rowAt(line, last) }
      }
      const { last, ptr } = await place(tenant, table)
      // A table that is not there at this moment holds nothing that this snapshot could see.
      return { last, row: ptr === null ? null : await versionAt(tenant, ptr, id, last) }
    },
    async row(tenant, table, id, last) {
      const ptr = places.get(keyOf(tenant, table)) ?? (await place(tenant, table)).ptr
      return ptr === null ? null : versionAt(tenant, ptr, id, last)
    },
    async rows(tenant, table, ids, last) {
      const known = places.get(keyOf(tenant, table))
      if (known !== undefined && last === null) {
        const { rows } = await pool.query<VersionLine & { last: string }>(firstRowsSql(known), [tenant, ids])
        const seen = readNumber(rows[0]?.last ?? 0)
        return { last: seen, rows: rows.flatMap((line) => rowAt(line, seen) ?? []) }
      }
      const found = known === undefined ? await place(tenant, table) : { last: 0, ptr: known }
      const seen = last ?? found.last
      if (found.ptr === null) return { last: seen, rows: [] }
      const { rows } = await pool.query<VersionLine>(rowsSql(found.ptr), [ids, seen])
      return { last: seen, rows: rows.flatMap((line) => rowAt(line, seen) ?? []) }
    },
    async moment(tenant, at) {
      const found = await ask<{ last: string; horizon: string; by_then: string }>(momentSql, [
        tenant,
        at === null ? null : new Date(at),
      ])
      return {
        last: readNumber(found?.last ?? 0),
        horizon: readNumber(found?.horizon ?? 0),
        byThen: readNumber(found?.by_then ?? 0),
      }
    },
    settle: (tenant, sid, at) => settleOutcome(pool, tenant, sid, at),
    async recall(tenant, idempotency) {
      const found = await ask<RecallLine>(recallSql, [tenant, idempotency])
      if (found === undefined) return null
      return { ...found, number: readNumber(found.number) }
    },
    async standing(tenant) {
      const { rows } = await pool.query<StandingLine>(standingSql, [tenant])
      return new Map(
        rows.map(({ id, owned, listed, indexes }) => {
          const declared = indexes.map(([fields, unique]) => ({ fields, unique }))
          return [id, { owned, listed, indexes: declared }]
        }),
      )
    },
    async indexes(tenant, table, anew) {
      const key = keyOf(tenant, table)
      const known = declared.get(key)
      if (known !== undefined && !anew) return known
      const { rows } = await pool.query<{ fields: string[]; is_unique: boolean }>(indexesSql, [tenant, table])
      const found = rows.map(({ fields, is_unique }) => ({ fields, unique: is_unique }))
      declared.set(key, found)
      return found
    },
    async page(tenant, table, page, last) {
      const found = { last, ptr: places.get(keyOf(tenant, table)) ?? null }
      if (found.ptr === null) {
        const here = await place(tenant, table)
        found.last = last ?? here.last
        found.ptr = here.ptr
      }
      const { ptr } = found
      if (ptr === null) return { last: found.last ?? 0, rows: [] }
      const { text, values } = pageSql({ ptr, tenant }, page, found.last)
      const { rows } = await pool.query<VersionLine & { last?: string }>(text, [...values])
      const seen = found.last ?? readNumber(rows[0]?.last ?? 0)
      return { last: seen, rows: rows.flatMap((line) => rowAt(line, seen) ?? []) }
    },
    async prepare(tenant, tables) {
      await prepareAll(pool, tenant, tables)
      for (const { name } of tables) declared.delete(keyOf(tenant, name))
    },
    async commits(tenant, after) {
      const { rows } = await pool.query<{ number: string; touched: Commit['touched'] }>(commitsSql, [
        tenant,
        after,
      ])
      return rows.map(({ number, touched }) => ({ number: readNumber(number), touched }))
    },
    commit: tablesCommitter({ pool, askOften }),
    async check() {
      await pool.query('select 1 from heads limit 1')
    },
    close: async () => undefined,
  }
  return tablesOver({
    engine,
    now: needs.now,
    randomId: needs.randomId,
    waker: needs.waker ?? createWaker(),
    ...(grew === undefined ? {} : { grew: (tenant: string) => grew('tables', [tenant]) }),
    pollMs: needs.pollMs ?? 1_000,
    isLost: (error) => isLost(error) || error instanceof TablesLost,
  })
}
