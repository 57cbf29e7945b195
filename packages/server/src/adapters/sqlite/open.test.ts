import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isSqliteLost, migrateSqlite, openSqlite, sqliteLedgerState } from './open.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarterdeck-sqlite-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const now = () => 1_700_000_000_000
const bare = () => openSqlite({ path: join(folder, 'a.sqlite'), now, migrate: false })
const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const run = (db: ReturnType<typeof bare>) => migrateSqlite(db, { folder, now, by: 'someone' })

describe('the SQLite file', () => {
  it('is opened so that what is acknowledged is on disk', () => {
    const db = openSqlite({ path: join(folder, 'a.sqlite'), now })
    const pragma = (name: string) => Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0]
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys')]).toEqual(['wal', 2, 1])
    expect(pragma('busy_timeout')).toBe(5_000)
    expect(sqliteLedgerState(db)).toEqual({ behind: [], ahead: [], edited: [] })
    db.close()
    const off = openSqlite({ path: join(folder, 'a.sqlite'), now, synchronous: 'off', busyTimeoutMs: 7 })
    expect(Object.values(off.prepare('pragma synchronous').get() ?? {})).toEqual([0])
    off.close()
  })

  it('is migrated file by file, each wholly or not at all', () => {
    write('0001_a.sql', 'create table a (b int); insert into a values (1);')
    write('0002_b.sql', 'create table b (b int); insert into nothing values (1);')
    const db = bare()
    expect(sqliteLedgerState(db, folder).behind).toEqual(['0001_a', '0002_b'])
    expect(() => run(db)).toThrow(/nothing/)
    expect(sqliteLedgerState(db, folder).behind).toEqual(['0002_b'])
    expect(db.prepare("select name from sqlite_schema where name = 'b'").get()).toBeUndefined()
    write('0002_b.sql', '-- breaking\ncreate table b (b int);')
    expect(run(db)).toEqual(['0002_b'])
    expect(run(db)).toEqual([])
    expect(db.prepare('select * from console_schema_migrations where breaking = 1').get()).toMatchObject({
      version: '0002_b',
      applied_at: now(),
      applied_by: 'someone',
    })
    write('0001_a.sql', 'create table a (b int);')
    expect(() => run(db)).toThrow(expect.objectContaining({ code: 'migration_edited', version: '0001_a' }))
    expect(sqliteLedgerState(db, folder).edited).toEqual(['0001_a'])
    rmSync(join(folder, '0001_a.sql'))
    expect(sqliteLedgerState(db, folder).ahead).toEqual(['0001_a'])
    db.close()
  })

  it('is migrated once when processes open it at once', async () => {
    write('0001_a.sql', 'create table a (n int);')
    for (let n = 2; n <= 9; n += 1) write(`000${n}_more.sql`, `insert into a values (${n});`)
    const code = `
      import { openSqlite, migrateSqlite } from ${JSON.stringify(new URL('./open.ts', import.meta.url).href)}
      const db = openSqlite({ path: process.argv[1] + '/a.sqlite', now: () => 1, migrate: false })
      console.log(JSON.stringify(migrateSqlite(db, { folder: process.argv[1], now: () => 1, by: 'racer' })))
      db.close()`
    const racer = () =>
      new Promise<string[]>((resolve, reject) => {
        const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code, folder])
        let out = ''
        let said = ''
        child.stdout.on('data', (chunk) => {
          out += chunk
        })
        child.stderr.on('data', (chunk) => {
          said += chunk
        })
        child.on('close', (status) => (status === 0 ? resolve(JSON.parse(out)) : reject(new Error(said))))
      })
    const applied = (await Promise.all([racer(), racer(), racer(), racer()])).flat()
    expect(applied.sort()).toEqual(['0001_a', ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => `000${n}_more`)])
    const db = bare()
    expect(db.prepare('select count(*) as n from a').get()).toEqual({ n: 8 })
    db.close()
  })

  it('tells lost from refused', () => {
    const db = openSqlite({ path: join(folder, 'a.sqlite'), now, busyTimeoutMs: 1 })
    const other = openSqlite({ path: join(folder, 'a.sqlite'), now, busyTimeoutMs: 1 })
    const failure = (run: () => unknown) => {
      try {
        run()
      } catch (error) {
        return error
      }
    }
    other.exec('begin immediate')
    expect(isSqliteLost(failure(() => db.exec('begin immediate')))).toBe(true)
    other.exec('rollback')
    expect(isSqliteLost(failure(() => db.exec('select nonsense')))).toBe(false)
    other.close()
    db.close()
    expect(isSqliteLost(failure(() => db.exec('select 1')))).toBe(true)
  })
})
