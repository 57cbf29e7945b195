import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { memoryKeep, memoryShelf } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { sqliteKeep } from '../../../adapters/sqlite/keep.ts'
import { openSqlite } from '../../../adapters/sqlite/open.ts'
import { sqliteTables } from '../../../adapters/sqlite/tables.ts'
import { twoReplicasSuite } from './two-replicas.suite.ts'

twoReplicasSuite('memory', async () => {
  const shelf = memoryShelf()
  const store = new Map()
  return {
    async open(clock) {
      const now = () => clock.at
      return { tables: memoryTables({ now, randomId: randomUUID, store }), keep: memoryKeep({ now, shelf }) }
    },
    dispose: async () => undefined,
  }
})

twoReplicasSuite('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-tokens-'))
  const path = join(folder, 'all.sqlite')
  const opened: DatabaseSync[] = []
  return {
    async open(clock) {
      const now = () => clock.at
      const db = openSqlite({ path, now })
      opened.push(db)
      return { tables: sqliteTables({ db, now, randomId: randomUUID }), keep: sqliteKeep({ db, now }) }
    },
    async dispose() {
      for (const db of opened) db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})
