import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryKeep, memoryShelf } from '../../adapters/memory/keep.ts'
import { sqliteKeep } from '../../adapters/sqlite/keep.ts'
import { openSqlite } from '../../adapters/sqlite/open.ts'
import { limiterSuite } from './limiter.suite.ts'

limiterSuite(
  'memory',
  async (now) => {
    const shelf = memoryShelf()
    return { open: async () => memoryKeep({ now, shelf }), dispose: async () => undefined }
  },
  { losable: false },
)

limiterSuite(
  'sqlite',
  async (now) => {
    const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-limits-'))
    const db = openSqlite({ path: join(folder, 'keep.sqlite'), now, synchronous: 'off' })
    return {
      open: async () => sqliteKeep({ db, now }),
      async dispose() {
        db.close()
        rmSync(folder, { recursive: true })
      },
    }
  },
  { losable: false },
)
