import type { Pool } from 'pg'
import type { TablesKeeping } from '../tables-keeping.ts'
import { collectAll } from './tables-collect.ts'
import { restrictTable } from './tables-restrict.ts'
import { sessionsIn } from './tables-sessions.ts'
import { versionsOf } from './tables-versions.ts'

/** Takes in tables that were made by hand, in one transaction; answers how many were new. Throws when one is unfit. */
export async function adoptTables(client: Pick<Pool, 'query'>, now: number): Promise<number> {
  const text = 'select console_tables_adopt($1) as adopted'
  const { rows } = await client.query<{ adopted: number }>(text, [new Date(now)])
  return rows[0]?.adopted ?? 0
}

/** What stands in Postgres beside rows and commits. */
export function postgresKeeping(needs: { readonly pool: Pool; readonly now: () => number }): TablesKeeping {
  const { pool } = needs
  return {
    ...sessionsIn(pool),
    async permissions(tenant) {
      const text = 'select id, permissions from storage where owner = $1'
      const { rows } = await pool.query<{ id: string; permissions: number }>(text, [tenant])
      return new Map(rows.map(({ id, permissions }) => [id, permissions]))
    },
    restrict: (request) => restrictTable(pool, request),
    versions: (tenant, table, id, page) => versionsOf(pool, { tenant, table, id }, page),
    async migrations(tenant) {
      const text = 'select id, checksum from app_migrations where owner = $1'
      const { rows } = await pool.query<{ id: string; checksum: string }>(text, [tenant])
      return new Map(rows.map(({ id, checksum }) => [id, checksum]))
    },
    collect: (options) => collectAll(pool, options),
    adopt: () => adoptTables(pool, needs.now()),
  }
}
