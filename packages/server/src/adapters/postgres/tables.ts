import type { Pool } from 'pg'
import { type Row, type Tables, TablesLost } from '../../ports/tables.ts'
import { readNumber } from '../read-number.ts'
import { type TablesEngine, tablesOver } from '../tables-over.ts'
import { isLost } from './pool.ts'
import { tablesCommitter } from './tables-commit.ts'
import { firstSql, lastSql, placeSql, type RowLine, rowSql } from './tables-sql.ts'

function rowOf(line: RowLine | undefined): Row | null {
  if (line === undefined || line.id === null) return null
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
}): Tables {
  const { pool } = needs
  // Physical tables by tenant and name. They are made once and never dropped.
  const places = new Map<string, string>()
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

  const engine: TablesEngine = {
    async first(tenant, wanted) {
      if (wanted === null) {
        const found = await ask<{ last: string }>(lastSql, [tenant])
        return { last: readNumber(found?.last ?? 0), row: null }
      }
      const { table, id } = wanted
      const known = places.get(keyOf(tenant, table))
      if (known !== undefined) {
        const line = await ask<RowLine>(firstSql(known), [tenant, id])
        return { last: readNumber(line?.last ?? 0), row: rowOf(line) }
      }
      const { last, ptr } = await place(tenant, table)
      // A table that is not there at this moment holds nothing that this snapshot could see.
      return { last, row: ptr === null ? null : rowOf(await ask<RowLine>(rowSql(ptr), [last, id])) }
    },
    async row(tenant, table, id, last) {
      const ptr = places.get(keyOf(tenant, table)) ?? (await place(tenant, table)).ptr
      return ptr === null ? null : rowOf(await ask<RowLine>(rowSql(ptr), [last, id]))
    },
    commit: tablesCommitter(pool),
    async check() {
      await pool.query('select 1 from heads limit 1')
    },
    close: async () => undefined,
  }
  return tablesOver({
    engine,
    now: needs.now,
    randomId: needs.randomId,
    isLost: (error) => isLost(error) || error instanceof TablesLost,
  })
}
