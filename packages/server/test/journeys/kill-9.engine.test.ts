import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshDatabase } from '../engines/databases.ts'
import { killJourney } from './kill-9.ts'

killJourney('postgres', async () => {
  const database = await freshDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-kill-'))
  return {
    env: {
      CONSOLE_DATA_DIR: join(folder, 'data'),
      CONSOLE_TELEMETRY_STORAGE: 'postgres',
      CONSOLE_KEEP_STORAGE: 'postgres',
      CONSOLE_DATABASE_URL: database.url,
    },
    async drop() {
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})
