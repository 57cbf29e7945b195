import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openSqlite } from '../src/adapters/sqlite/open.ts'
import { sqliteTables } from '../src/adapters/sqlite/tables.ts'
import { pointerOf } from '../src/adapters/tables-document.ts'
import { runLoad } from './children/run-load.ts'

describe('tables in SQLite, from processes of their own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-processes-'))
  const where = join(folder, 'a.sqlite')
  afterAll(() => rmSync(folder, { recursive: true }))

  function expectWhole(tenant: string): number {
    const db = openSqlite({ path: where, now: Date.now })
    const numbers = db.prepare('select number from commits where owner = ? order by number').all(tenant)
    const last = numbers.length
    const all = Array.from({ length: last }, (_, n) => n + 1)
    const only = (table: string) =>
      db
        .prepare(`select data from ${pointerOf(tenant, table)}`)
        .all()
        .map((row) => Number(row.data))
    expect(numbers.map((row) => row.number)).toEqual(all)
    expect(db.prepare('select last from heads where owner = ?').get(tenant)).toEqual({ last })
    expect([only('left'), only('right')]).toEqual([[last], [last]])
    expect(only('steps').sort((a, b) => a - b)).toEqual(all)
    db.close()
    return last
  }

  it('lets two that race add up 1,000 each, each number given once', { timeout: 180_000 }, async () => {
    const load = { where, tenant: 'race', rounds: 1_000 }
    const heard = (await Promise.all([runLoad(load), runLoad(load)])).flat()
    expect(heard.sort((a, b) => a - b)).toEqual(Array.from({ length: 2_000 }, (_, n) => n + 1))
    expect(expectWhole('race')).toBe(2_000)
  })

  it('leaves all or nothing of each commit when one is killed', { timeout: 60_000 }, async () => {
    for (const killAfter of [1, 6, 15]) {
      const load = { where, tenant: 'killed', rounds: 100_000, killAfter }
      const heard = await runLoad(load)
      expect(expectWhole('killed')).toBeGreaterThanOrEqual(Math.max(...heard))
    }
  })

  it('gives each key of a unique index to one of two, and tells a third of every commit', {
    timeout: 60_000,
  }, async () => {
    const db = openSqlite({ path: where, now: Date.now })
    const tables = sqliteTables({ db, now: Date.now, randomId: randomUUID })
    const ended = new AbortController()
    const told = (async () => {
      const numbers: number[] = []
      for await (const { number } of tables.changes('claimed', 0, ended.signal)) {
        numbers.push(number)
        if (number === 200) ended.abort()
      }
      return numbers
    })()
    const load = { where, tenant: 'claimed', rounds: 200, claims: true } as const
    const heard = (await Promise.all([runLoad(load), runLoad(load)])).flat()
    const all = Array.from({ length: 200 }, (_, n) => n + 1)
    expect(heard.sort((a, b) => a - b)).toEqual(all)
    expect(await told).toEqual(all)
    const tx = tables.begin({ tenant: 'claimed' })
    const { rows } = await tx.query('claims', { where: { n: { gte: 0 } }, limit: 1_000 })
    expect(rows.map((row) => row.data)).toEqual(all.map((n) => ({ n: n - 1, at: { second: (n - 1) % 60 } })))
    expect((await tx.query('claims', { where: { 'at.second': 7 } })).rows).toHaveLength(4)
    await tables.close()
    db.close()
  })
})
