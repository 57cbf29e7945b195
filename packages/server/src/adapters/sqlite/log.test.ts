import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { decisionsShape } from '../../core/decisions-shape.ts'
import { recordsShape } from '../../features/records/shape.ts'
import { telemetryShape } from '../../features/telemetry/shape.ts'
import { logSuite } from '../../ports/log.suite.ts'
import { sqliteLog } from './log.ts'
import { logDdl } from './log-ddl.ts'

const migration = readFileSync(new URL('./migrations/0001_logs.sql', import.meta.url), 'utf8')

logSuite('sqlite', async (shape, seal) => {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-log-'))
  const opened: DatabaseSync[] = []
  const connect = () => {
    const db = new DatabaseSync(join(folder, 'log.sqlite'), { timeout: 5_000 })
    db.exec('pragma journal_mode = wal; pragma synchronous = full')
    opened.push(db)
    return db
  }
  connect().exec(migration + logDdl(shape))
  return {
    open: async () =>
      sqliteLog({ db: connect(), shape, now: Date.now, pollMs: 20, ...(seal === undefined ? {} : { seal }) }),
    shared: true,
    durable: true,
    dispose: async () => {
      for (const db of opened) db.close()
      rmSync(folder, { recursive: true })
    },
  }
})

it('holds in its first migration just what the shapes say', () => {
  for (const shape of [recordsShape, telemetryShape, decisionsShape])
    expect(migration).toContain(logDdl(shape))
})
