import type pg from 'pg'
import { expect, it } from 'vitest'
import { breakable } from '../../../test/engines/breakable.ts'
import { freshDatabase } from '../../../test/engines/databases.ts'
import { keepSuite } from '../../ports/keep.suite.ts'
import { postgresKeep } from './keep.ts'
import { openPool } from './pool.ts'

async function standOf() {
  const database = await freshDatabase()
  const way = await breakable(database.url)
  const pools: pg.Pool[] = []
  let at = 1_700_000_000_000
  return {
    clock: () => at,
    advance: async (ms: number) => {
      at += ms
    },
    connect() {
      const pool = openPool({ url: way.url, max: 4 })
      pools.push(pool)
      return pool
    },
    lose: async () => way.cut(),
    find: async () => way.mend(),
    async dispose() {
      await Promise.all(pools.map((pool) => pool.end()))
      await way.close()
      await database.drop()
    },
  }
}

keepSuite('postgres', async () => {
  const { clock, connect, ...rest } = await standOf()
  return {
    ...rest,
    open: async () => postgresKeep({ pool: connect(), clock, pollMs: 10 }),
    durable: true,
    short: 200,
  }
})

it('counts time by the server when no clock is given', async () => {
  const { connect, dispose } = await standOf()
  const keep = postgresKeep({ pool: connect() })
  await keep.put('a', 'v', 1)
  await keep.put('b', 'v', 60_000)
  await expect.poll(() => keep.get('a')).toBeNull()
  expect((await keep.get('b'))?.value).toBe('v')
  await dispose()
})

it('sweeps out of the table what has expired', async () => {
  const { connect, clock, advance, dispose } = await standOf()
  const pool = connect()
  const keep = postgresKeep({ pool, clock })
  for (let n = 0; n < 200; n += 1) await keep.put(`a${n}`, 'v', 10)
  await keep.lease('x', 'me', 10)
  await advance(3_600_010)
  for (let n = 0; n < 200; n += 1) await keep.put('b', 'v')
  expect((await pool.query('select key from console_keep')).rows).toEqual([{ key: 'b' }])
  expect((await pool.query('select name from console_keep_leases')).rows).toEqual([])
  await dispose()
})
