import { join } from 'node:path'
import pg from 'pg'
import { afterEach, describe, expect } from 'vitest'
import { freshDatabase } from '../engines/databases.ts'
import { alive } from './alive.ts'
import { ask } from './ask.ts'

describe('documents in Postgres', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  afterEach(() => database.drop())

  alive(
    'CONSOLE_TABLES_STORAGE',
    'postgres',
    async (stage) => {
      expect((await ask(stage, 'POST /rpc/increment', { body: ['a'] })).body).toEqual({ result: 1 })
      const client = new pg.Client({ connectionString: database.url })
      await client.connect()
      const { rows } = await client.query("select 1 from storage where owner = 'default' and id = 'counters'")
      await client.end()
      expect(rows).toHaveLength(1)
    },
    async () => {
      database = await freshDatabase()
      return {
        CONSOLE_APP: join(import.meta.dirname, '../apps/trial'),
        CONSOLE_DATABASE_URL: database.url,
      }
    },
  )
})
