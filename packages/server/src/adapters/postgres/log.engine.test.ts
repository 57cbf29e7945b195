import { readFileSync } from 'node:fs'
import pg from 'pg'
import { expect, it } from 'vitest'
import { freshDatabase } from '../../../test/engines/databases.ts'
import { decisionsShape } from '../../core/decisions-shape.ts'
import { recordsShape } from '../../features/records/shape.ts'
import { telemetryShape } from '../../features/telemetry/shape.ts'
import { logSuite } from '../../ports/log.suite.ts'
import { postgresLog } from './log.ts'
import { logDdl } from './log-ddl.ts'

logSuite('postgres', async (shape, seal) => {
  const database = await freshDatabase()
  const pools: pg.Pool[] = []
  const connect = () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 4 })
    // Losing connections is part of the suite.
    pool.on('error', () => undefined)
    pools.push(pool)
    return pool
  }
  const admin = connect()
  await admin.query(logDdl(shape))
  return {
    open: async () => postgresLog({ pool: connect(), shape, ...(seal === undefined ? {} : { seal }) }),
    shared: true,
    durable: true,
    lose: async () => {
      await database.drop()
    },
    dispose: async () => {
      await Promise.all(pools.map((pool) => pool.end()))
      await database.drop()
    },
  }
})

it('holds in its first migration just what the shapes say', () => {
  const migration = readFileSync(new URL('./migrations/0001_logs.sql', import.meta.url), 'utf8')
  for (const shape of [recordsShape, telemetryShape, decisionsShape])
    expect(migration).toContain(logDdl(shape))
})
