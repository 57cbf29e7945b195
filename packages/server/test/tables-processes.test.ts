import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openSqlite } from '../src/adapters/sqlite/open.ts'
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

  it('lets two that race add up, each number given once', { timeout: 60_000 }, async () => {
    const load = { where, tenant: 'race', rounds: 50 }
    const heard = (await Promise.all([runLoad(load), runLoad(load)])).flat()
    expect(heard.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
    expect(expectWhole('race')).toBe(100)
  })

  it('leaves all or nothing of each commit when one is killed', { timeout: 60_000 }, async () => {
    for (const killAfter of [1, 6, 15]) {
      const load = { where, tenant: 'killed', rounds: 100_000, killAfter }
      const heard = await runLoad(load)
      expect(expectWhole('killed')).toBeGreaterThanOrEqual(Math.max(...heard))
    }
  })
})
