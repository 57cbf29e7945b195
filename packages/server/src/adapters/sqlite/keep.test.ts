import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { keepSuite } from '../../ports/keep.suite.ts'
import { sqliteKeep } from './keep.ts'
import { openSqlite } from './open.ts'

function folderOf() {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-keep-'))
  const opened: DatabaseSync[] = []
  let at = 1_700_000_000_000
  return {
    now: () => at,
    advance: async (ms: number) => {
      at += ms
    },
    connect() {
      const db = openSqlite({ path: join(folder, 'keep.sqlite'), now: () => at, synchronous: 'off' })
      opened.push(db)
      return db
    },
    async lose() {
      for (const db of opened.splice(0)) db.close()
    },
    async dispose() {
      for (const db of opened.splice(0)) db.close()
      rmSync(folder, { recursive: true })
    },
  }
}

keepSuite('sqlite', async () => {
  const { now, connect, ...rest } = folderOf()
  return {
    ...rest,
    open: async () => sqliteKeep({ db: connect(), now, pollMs: 5 }),
    durable: true,
    short: 200,
  }
})

it('sweeps out of the file what has expired', async () => {
  const { now, connect, advance, dispose } = folderOf()
  const db = connect()
  const keep = sqliteKeep({ db, now })
  for (let n = 0; n < 200; n += 1) await keep.put(`a${n}`, 'v', 10)
  await keep.lease('x', 'me', 10)
  await advance(10)
  for (let n = 0; n < 200; n += 1) await keep.put('b', 'v')
  expect(db.prepare('select key from console_keep').all()).toEqual([{ key: 'b' }])
  expect(db.prepare('select name from console_keep_leases').all()).toEqual([])
  await dispose()
})
