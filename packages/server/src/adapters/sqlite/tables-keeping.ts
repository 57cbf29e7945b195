import type { DatabaseSync } from 'node:sqlite'
import { readNumber } from '../read-number.ts'
import type { TablesKeeping } from '../tables-keeping.ts'
import type { Prepared } from './prepared.ts'
import { adoptTables } from './tables-adopt.ts'
import { collectAll } from './tables-collect.ts'
import { restrictTable } from './tables-restrict.ts'
import { sessionsIn } from './tables-sessions.ts'
import { versionsOf } from './tables-versions.ts'

/** What stands in a SQLite file beside rows and commits. */
export function sqliteKeeping(needs: {
  readonly db: DatabaseSync
  readonly sql: Prepared
  readonly now: () => number
}): TablesKeeping {
  const { db, sql } = needs
  return {
    ...sessionsIn(sql),
    async permissions(tenant) {
      const lines = sql.all('select id, permissions from storage where owner = ?', tenant)
      return new Map(lines.map((line) => [String(line.id), readNumber(line.permissions)]))
    },
    restrict: async (request) => restrictTable(db, sql, request),
    versions: async (tenant, table, id, page) => versionsOf(sql, { tenant, table, id }, page),
    async migrations(tenant) {
      const lines = sql.all('select id, checksum from app_migrations where owner = ?', tenant)
      return new Map(lines.map((line) => [String(line.id), String(line.checksum)]))
    },
    collect: (options) => collectAll(db, sql, options),
    adopt: async () => adoptTables(db, sql, needs.now()),
  }
}
