import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { tablesSuite } from '../../ports/tables.suite.ts'
import { openSqlite } from './open.ts'
import { sqliteTables } from './tables.ts'

tablesSuite('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-tables-'))
  const clock = { at: 1_700_000_000_000 }
  const opened: DatabaseSync[] = []
  const closeAll = async () => {
    for (const db of opened.splice(0)) db.close()
  }
  return {
    async open() {
      const db = openSqlite({ path: join(folder, 'a.sqlite'), now: () => clock.at, synchronous: 'off' })
      opened.push(db)
      return sqliteTables({ db, now: () => clock.at, randomId: randomUUID })
    },
    clock,
    durable: true,
    histories: 10_000,
    lose: closeAll,
    async dispose() {
      await closeAll()
      rmSync(folder, { recursive: true })
    },
  }
})
