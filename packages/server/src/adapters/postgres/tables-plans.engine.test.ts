import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { freshDatabase } from '../../../test/engines/databases.ts'
import { openPool } from './pool.ts'
import { postgresTables } from './tables.ts'

it('commits go on by indexes when the registers were small, and known to be, as their plans were made', async () => {
  const database = await freshDatabase()
  const pool = openPool({ url: database.url, max: 1 })
  const tables = postgresTables({ pool, now: Date.now, randomId: randomUUID })
  async function write(times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) {
      const tx = tables.begin({ tenant: 't' })
      tx.set('notes', `n${n}`, { n }, 'me')
      expect((await tx.commit({ idempotency: randomUUID() })).state).toBe('committed')
    }
  }
  async function read(): Promise<unknown[]> {
    await pool.query('select pg_stat_force_next_flush()')
    const text = `select relname, seq_scan from pg_stat_user_tables
      where relname in ('commits', 'heads', 'storage') or relname like 'tbl_notes%' order by relname`
    return (await pool.query<object>(text)).rows
  }
  await write(3)
  await pool.query('analyze')
  await write(1)
  const before = await read()
  expect(before).toHaveLength(5)
  await write(20)
  expect(await read()).toEqual(before)
  await tables.close()
  await pool.end()
  await database.drop()
})
