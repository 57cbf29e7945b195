import { readFileSync } from 'node:fs'
import pg from 'pg'
import { expect, it } from 'vitest'
import { freshDatabase } from '../../../test/engines/databases.ts'
import { decisionsShape } from '../../core/decisions-shape.ts'
import { recordsShape } from '../../features/records/shape.ts'
import { telemetryShape } from '../../features/telemetry/shape.ts'
import { logSuite } from '../../ports/log.suite.ts'
import { postgresLog } from './log.ts'
import { appendNewDdl, logDdl } from './log-ddl.ts'

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
  await admin.query(shape.chained ? logDdl(shape) : logDdl(shape) + appendNewDdl(shape))
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

it('holds in its migrations just what the shapes say', () => {
  const migration = (name: string) =>
    readFileSync(new URL(`./migrations/${name}.sql`, import.meta.url), 'utf8')
  for (const shape of [recordsShape, telemetryShape, decisionsShape])
    expect(migration('0001_logs')).toContain(logDdl(shape))
  for (const shape of [recordsShape, telemetryShape])
    expect(migration('0005_append_new')).toContain(appendNewDdl(shape))
})
