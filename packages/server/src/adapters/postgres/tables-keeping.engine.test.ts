import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { expect, it } from 'vitest'
import { breakable } from '../../../test/engines/breakable.ts'
import { freshDatabase } from '../../../test/engines/databases.ts'
import { tablesKeepingSuite } from '../../ports/tables-keeping.suite.ts'
import { openPool } from './pool.ts'
import { postgresTables } from './tables.ts'

tablesKeepingSuite('postgres', async () => {
  const database = await freshDatabase()
  const way = await breakable(database.url)
  const pools: pg.Pool[] = []
  const clock = { at: 1_700_000_000_000 }
  return {
    async open() {
      const pool = openPool({ url: way.url, max: 4 })
      pools.push(pool)
      return postgresTables({ pool, now: () => clock.at, randomId: randomUUID, pollMs: 200 })
    },
    clock,
    durable: true,
    histories: 40,
    lose: async () => way.cut(),
    find: async () => way.mend(),
    async dispose() {
      await Promise.all(pools.map((pool) => pool.end()))
      await way.close()
      await database.drop()
    },
  }
})

it('cannot say whether a table was restricted when the answer was lost, and never says that it was not', async () => {
  const database = await freshDatabase()
  const way = await breakable(database.url)
  const pool = openPool({ url: way.url, max: 2 })
  const tables = postgresTables({ pool, now: () => 0, randomId: randomUUID })
  await tables.prepare('t', [{ name: 'notes', indexes: [] }])
  way.cutAnswerTo('console_tables_restrict')
  expect(await tables.restrict('t', 'notes', 4)).toEqual({ state: 'unknown' })
  way.mend()
  expect(await tables.permissions('t')).toEqual(new Map([['notes', 4]]))
  await pool.end()
  await way.close()
  await database.drop()
})

it('finds what is to be purged by an index, however much there is that stays', async () => {
  const database = await freshDatabase()
  const pool = openPool({ url: database.url, max: 2 })
  const clock = { at: 1_700_000_000_000 }
  const tables = postgresTables({ pool, now: () => clock.at, randomId: randomUUID })
  for (let round = 0; round < 5; round += 1) {
    const tx = tables.begin({ tenant: 't' })
    for (let n = 0; n < 1_000; n += 1) tx.set('notes', `${round} ${n}`, { n }, 'me')
    await tx.commit()
  }
  for (let n = 0; n < 300; n += 1) {
    const tx = tables.begin({ tenant: 't' })
    if (n % 3 === 0) tx.delete('notes', `0 ${n}`)
    else tx.set('notes', `0 ${n}`, 'changed', 'me')
    await tx.commit({ idempotency: `k${n}` })
  }
  const [{ ptr } = { ptr: '' }] = (await pool.query<{ ptr: string }>('select ptr from storage')).rows
  await pool.query(`analyze ${ptr}; analyze ${ptr}_h; analyze commits`)
  const scans = async () => {
    await pool.query('select pg_stat_force_next_flush()')
    const found = await pool.query('select seq_scan from pg_stat_user_tables where relname = $1', [ptr])
    return found.rows
  }
  clock.at += 10 * 24 * 60 * 60_000
  const before = await scans()
  expect(await tables.collect({ now: new Date(clock.at), historyMs: 3_600_000 })).toEqual({ purged: 300 })
  expect(await scans()).toEqual(before)
  expect((await pool.query(`select count(*)::int as count from ${ptr}_h`)).rows).toEqual([{ count: 0 }])
  expect((await pool.query(`select count(*)::int as count from ${ptr}`)).rows).toEqual([{ count: 4_900 }])
  expect((await pool.query('select count(*)::int as count from commits')).rows).toEqual([{ count: 1 }])
  await pool.end()
  await database.drop()
})
