import type { Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../test/engines/databases.ts'
import { createAskOften } from './often.ts'
import { openPool } from './pool.ts'

describe('what is asked often', () => {
  let database: FreshDatabase
  let pool: Pool
  beforeEach(async () => {
    database = await freshDatabase()
    pool = openPool({ url: database.url, max: 1 })
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })
  const prepared = async () =>
    (await pool.query<{ name: string }>('select name from pg_prepared_statements order by name')).rows.length

  async function asking() {
    const askOften = createAskOften()
    const twice = async (n: number) =>
      (await askOften<{ twice: number }>(pool, 'select $1::integer * 2 as twice', [n])).rows[0]?.twice
    for (let n = 1; n <= 1_000; n += 1) await twice(n)
    expect(await prepared()).toBe(0)
    return twice
  }

  it('stays prepared from the thousandth time on, and is planned anew at ten times as many', async () => {
    const twice = await asking()
    for (let n = 1_001; n < 10_000; n += 1) await twice(n)
    expect(await twice(9)).toBe(18)
    expect(await prepared()).toBe(2)
    expect(await twice(10)).toBe(20)
    expect(await prepared()).toBe(2)
  })

  it('is sent whole where it is not prepared any more', async () => {
    const twice = await asking()
    await twice(1)
    await pool.query('deallocate all')
    expect(await twice(21)).toBe(42)
    expect(await twice(22)).toBe(44)
    expect(await prepared()).toBe(0)
  })

  it('is sent whole where it was prepared for somebody else', async () => {
    const twice = await asking()
    await twice(1)
    const [{ name = '' } = {}] = (
      await pool.query<{ name: string }>('select name from pg_prepared_statements')
    ).rows
    await pool.end()
    pool = openPool({ url: database.url, max: 1 })
    await pool.query(`prepare "${name}" as select 1`)
    expect(await twice(21)).toBe(42)
    expect(await twice(22)).toBe(44)
    expect(await prepared()).toBe(0)
  })

  it('is sent whole once its table has other columns', async () => {
    await pool.query('create table notes (id integer); insert into notes values (1)')
    const askOften = createAskOften()
    const notes = async () => (await askOften(pool, 'select * from notes', [])).rows
    for (let n = 0; n <= 1_000; n += 1) await notes()
    await pool.query('alter table notes add more integer')
    expect(await notes()).toEqual([{ id: 1, more: null }])
  })

  it('fails as it would else', async () => {
    const askOften = createAskOften()
    const inverse = (n: number) => askOften(pool, 'select 1 / $1::integer as inverse', [n])
    for (let n = 0; n <= 1_000; n += 1) await inverse(1)
    await expect(inverse(0)).rejects.toMatchObject({ code: '22012' })
    expect((await inverse(1)).rows).toEqual([{ inverse: 1 }])
    expect(await prepared()).toBe(1)
  })
})
