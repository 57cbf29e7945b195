import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { logSuite } from '../../ports/log.suite.ts'
import { suiteEntry, suiteShape } from '../../ports/log.test-kit.ts'
import type { Log } from '../../ports/log.ts'
import { sqliteLog } from '../sqlite/log.ts'
import { logDdl } from '../sqlite/log-ddl.ts'
import { jsonlLog } from './log.ts'

const migration = readFileSync(new URL('../sqlite/migrations/0001_logs.sql', import.meta.url), 'utf8')

function stand(shape = suiteShape, more: Partial<Parameters<typeof jsonlLog>[0]> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-jsonl-'))
  const databases: DatabaseSync[] = []
  const logs: Log[] = []
  let indexes = 0
  const open = async () => {
    // A database made in memory is an index that was lost; one on disk is kept between openings.
    const path = join(folder, 'index.sqlite')
    const log = await jsonlLog({
      folder: join(folder, 'log'),
      shape,
      openIndex(anew) {
        indexes += 1
        if (anew) for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
        const db = new DatabaseSync(path)
        databases.push(db)
        db.exec('pragma journal_mode = wal; pragma synchronous = normal')
        if (!db.prepare(`select 1 from sqlite_master where name = 'console_log_heads'`).get())
          db.exec(migration + logDdl(shape))
        const index = sqliteLog({ db, shape, now: Date.now })
        return { ...index, close: () => index.close().then(() => db.close()) }
      },
      ...more,
    })
    logs.push(log)
    return log
  }
  return {
    folder,
    open,
    indexes: () => indexes,
    dropIndex: () => rmSync(join(folder, 'index.sqlite'), { force: true }),
    dispose: async () => {
      for (const log of logs) await log.close()
      for (const db of databases) if (db.isOpen) db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

logSuite('jsonl', async (shape, seal) => {
  const one = stand(shape, seal === undefined ? {} : { seal })
  // One process may have it open, so a second handle of the suite is the same one until it is closed.
  let held: Promise<Log> | null = null
  return {
    async open() {
      held ??= one.open()
      const log = await held
      return {
        ...log,
        async close() {
          held = null
          await log.close()
        },
      }
    },
    shared: false,
    durable: true,
    dispose: one.dispose,
  }
})

describe('the files of a jsonl log', () => {
  const stands: ReturnType<typeof stand>[] = []
  const made = (...given: Parameters<typeof stand>) => {
    const one = stand(...given)
    stands.push(one)
    return one
  }
  afterEach(async () => {
    for (const one of stands.splice(0)) await one.dispose()
  })
  const fileOf = (folder: string, at = -1) => {
    const inside = join(folder, 'log', 'a')
    return join(inside, readdirSync(inside).sort().at(at) ?? '')
  }
  const ids = async (log: Log) => (await log.read('a', 0, 100)).map((entry) => entry.id)

  it('cuts an unfinished last line, says so, and goes on behind the whole ones', async () => {
    const reports: string[] = []
    const { folder, open } = made(suiteShape, { report: (what) => reports.push(what) })
    const log = await open()
    await log.append('a', [suiteEntry('1'), suiteEntry('2')])
    await log.close()
    appendFileSync(fileOf(folder), '{"sum":"00000000","entry":{"id":"half')
    const again = await open()
    expect(await ids(again)).toEqual(['1', '2'])
    expect(reports).toHaveLength(1)
    expect(await again.append('a', [suiteEntry('3')])).toMatchObject([{ position: 3 }])
    await again.close()
    expect(await ids(await open())).toEqual(['1', '2', '3'])
  })

  it('refuses to work on a damaged middle, and leaves the bytes as they are', async () => {
    const { folder, open } = made()
    const log = await open()
    await log.append('a', [suiteEntry('1'), suiteEntry('2'), suiteEntry('3')])
    await log.close()
    const path = fileOf(folder)
    const damaged = readFileSync(path, 'utf8').replace('"id":"2"', '"id":"X"')
    writeFileSync(path, damaged)
    const again = await open()
    await expect(again.check()).rejects.toMatchObject({ name: 'LogDamaged' })
    await expect(again.append('a', [suiteEntry('4')])).rejects.toMatchObject({ name: 'LogDamaged' })
    expect(readFileSync(path, 'utf8')).toBe(damaged)
  })

  it('finds damage in an older segment', async () => {
    const { folder, open } = made(suiteShape, { segmentBytes: 400 })
    const log = await open()
    for (let n = 0; n < 10; n += 1) await log.append('a', [suiteEntry(`${n}`)])
    await log.close()
    const path = fileOf(folder, 0)
    writeFileSync(path, readFileSync(path, 'utf8').replace('"id":"0"', '"id":"X"'))
    const again = await open()
    await expect
      .poll(() =>
        again.check().then(
          () => 'fine',
          (error) => error.name,
        ),
      )
      .toBe('LogDamaged')
  })

  it('makes a lost index anew from its files, over many segments, chained or not', async () => {
    const { folder, open, dropIndex, indexes } = made(suiteShape, { segmentBytes: 400 })
    const log = await open()
    for (let n = 0; n < 20; n += 1) await log.append('a', [suiteEntry(`${n}`)])
    await log.close()
    expect(readdirSync(join(folder, 'log', 'a')).length).toBeGreaterThan(3)
    dropIndex()
    const again = await open()
    expect(await ids(again)).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`))
    expect(await again.append('a', [suiteEntry('3'), suiteEntry('new')])).toMatchObject([
      { status: 'duplicate', position: 4 },
      { position: 21 },
    ])
    expect(indexes()).toBe(2)
  })

  it('makes an index anew that knows more than the files', async () => {
    const { folder, open, indexes } = made()
    const log = await open()
    await log.append('a', [suiteEntry('1'), suiteEntry('2')])
    await log.close()
    const path = fileOf(folder)
    writeFileSync(path, `${readFileSync(path, 'utf8').split('\n')[0]}\n`)
    const again = await open()
    expect(await ids(again)).toEqual(['1'])
    expect(indexes()).toBe(3)
  })

  it('removes segments whose entries were all pruned, and still counts on', async () => {
    const { folder, open, dropIndex } = made(suiteShape, { segmentBytes: 400 })
    const log = await open()
    for (let n = 0; n < 10; n += 1) await log.append('a', [suiteEntry(`${n}`, { receivedAt: n })])
    const before = readdirSync(join(folder, 'log', 'a')).length
    expect(await log.prune('a', 1_000)).toBe(10)
    expect(readdirSync(join(folder, 'log', 'a')).length).toBeLessThan(before)
    await log.close()
    dropIndex()
    const again = await open()
    expect(await again.append('a', [suiteEntry('next')])).toMatchObject([{ position: 11 }])
    expect(statSync(fileOf(folder)).size).toBeGreaterThan(0)
  })
})
