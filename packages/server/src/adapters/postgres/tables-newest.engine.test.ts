import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../test/engines/databases.ts'
import type { Row, Tables } from '../../ports/tables.ts'
import { openPool } from './pool.ts'
import { postgresTables } from './tables.ts'

describe('rows that many ask for at once', () => {
  let database: FreshDatabase
  let pool: pg.Pool
  let tables: Tables
  let asked: number
  beforeEach(async () => {
    database = await freshDatabase()
    pool = openPool({ url: database.url, max: 10 })
    tables = postgresTables({ pool, now: Date.now, randomId: randomUUID })
    const tx = tables.begin({ tenant: 't' })
    for (let n = 0; n < 20; n += 1) tx.set('notes', `n${n}`, { n, list: [n] }, 'me')
    await tx.commit()
    await tables.begin({ tenant: 't' }).get('notes', 'n0')
    asked = 0
    pool.on('acquire', () => {
      asked += 1
    })
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })
  const get = (id: string) => tables.begin({ tenant: 't' }).get('notes', id)
  const dataOf = (row: Row | null) => Object(row?.data) as { n: unknown; list: number[] }

  it('share statements, and each gets its own row or none', async () => {
    const ids = Array.from({ length: 200 }, (_, n) => `n${n % 25}`)
    const rows = await Promise.all(ids.map(get))
    for (const [at, row] of rows.entries()) {
      const n = at % 25
      expect(row?.data).toEqual(n < 20 ? { n, list: [n] } : undefined)
    }
    expect(asked).toBeLessThan(20)
  })

  it('are documents of their own, which nobody else sees changed', async () => {
    const rows = await Promise.all(Array.from({ length: 50 }, () => get('n1')))
    for (const row of rows) dataOf(row).list.push(99)
    const again = await Promise.all(Array.from({ length: 50 }, () => get('n1')))
    expect(rows.every((row) => dataOf(row).list.length === 2)).toBe(true)
    expect(again.every((row) => dataOf(row).list.length === 1)).toBe(true)
  })

  it('show what was committed before they were asked for, however many are on their way', async () => {
    const crowd = Array.from({ length: 100 }, (_, n) => get(`n${n % 20}`))
    const tx = tables.begin({ tenant: 't' })
    tx.set('notes', 'n2', { n: 'new' }, 'me')
    await tx.commit()
    const after = await Promise.all(Array.from({ length: 50 }, () => get('n2')))
    expect(after.every((row) => dataOf(row).n === 'new')).toBe(true)
    await Promise.all(crowd)
  })

  it('fail together when the database is lost, and are read again when asked again', async () => {
    await pool.query('select 1')
    const { end } = pool
    Object.assign(pool, { query: () => Promise.reject(new Error('Connection terminated')) })
    const lost = await Promise.allSettled(Array.from({ length: 30 }, () => get('n3')))
    expect(lost.every(({ status }) => status === 'rejected')).toBe(true)
    Reflect.deleteProperty(pool, 'query')
    expect((await get('n3'))?.id).toBe('n3')
    expect(end).toBe(pool.end)
  })
})
