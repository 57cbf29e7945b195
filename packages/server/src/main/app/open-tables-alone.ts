import { randomUUID } from 'node:crypto'
import { createWaker } from '../../adapters/follow.ts'
import { createNotifier } from '../../adapters/postgres/notify.ts'
import { openPool } from '../../adapters/postgres/pool.ts'
import { postgresTables } from '../../adapters/postgres/tables.ts'
import { sqliteTables } from '../../adapters/sqlite/tables.ts'
import type { Config } from '../../config/resolve.ts'
import type { Tables } from '../../ports/tables.ts'
import { openStore } from '../engines.ts'

/** The tables of a configuration and nothing else, so that a command can use them beside a server that runs. */
export function openTablesAlone(
  config: Pick<Config, 'tablesStorage' | 'databaseUrl' | 'directUrl' | 'dataDir' | 'storage'>,
): { readonly tables: Tables; close(): Promise<void> } {
  const needs = { now: Date.now, randomId: () => randomUUID() }
  if (config.tablesStorage === 'sqlite') {
    const db = openStore(config)
    const tables = sqliteTables({ db, ...needs })
    return {
      tables,
      async close() {
        await tables.close()
        if (db.isOpen) db.close()
      },
    }
  }
  const url = config.databaseUrl ?? ''
  const pool = openPool({ url, max: 2 })
  const waker = createWaker()
  const notifier = createNotifier({ pool, url: config.directUrl ?? url, waker })
  const tables = postgresTables({ pool, ...needs, waker, grew: notifier.grew })
  return {
    tables,
    async close() {
      await tables.close()
      await notifier.close()
      await pool.end()
    },
  }
}
