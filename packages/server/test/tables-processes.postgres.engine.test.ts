import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pointerOf } from '../src/adapters/tables-document.ts'
import { runLoad } from './children/run-load.ts'
import { type FreshDatabase, freshDatabase } from './engines/databases.ts'

describe('tables on Postgres, from processes of their own', () => {
  let database: FreshDatabase
  let client: pg.Client
  beforeAll(async () => {
    database = await freshDatabase()
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
  })
  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  /** What is stored, once no commit of the tenant is on its way any more. */
  async function found(tenant: string) {
    await client.query('begin')
    await client.query('select 1 from heads where owner = $1 for update', [tenant])
    const one = async (text: string) => (await client.query(text, [tenant])).rows[0]
    const { last } = await one('select last::int as last from heads where owner = $1')
    const { numbers } = await one(
      'select array_agg(number::int order by number) as numbers from commits where owner = $1',
    )
    const only = async (table: string) =>
      (await client.query(`select data from ${pointerOf(tenant, table)}`)).rows.map((row) => row.data)
    const versions = await client.query(
      `select _txid::int as born, _deleted_txid::int as ended from ${pointerOf(tenant, 'left')}_h order by _txid`,
    )
    const result = {
      last,
      numbers,
      left: await only('left'),
      right: await only('right'),
      steps: await only('steps'),
      versions: versions.rows,
    }
    await client.query('commit')
    return result
  }

  function expectWhole(stored: Awaited<ReturnType<typeof found>>) {
    const { last } = stored
    const all = Array.from({ length: last }, (_, n) => n + 1)
    expect(stored.numbers).toEqual(all)
    expect(stored.left).toEqual([last])
    expect(stored.right).toEqual([last])
    expect([...stored.steps].sort((a, b) => a - b)).toEqual(all)
    expect(stored.versions).toEqual(all.slice(0, -1).map((n) => ({ born: n, ended: n + 1 })))
  }

  it('lets two that race add up, each number given once', async () => {
    const load = { where: database.url, tenant: 'race', rounds: 150 }
    const [mine = [], theirs = []] = await Promise.all([runLoad(load), runLoad(load)])
    expect([mine.length, theirs.length]).toEqual([150, 150])
    expect([...mine, ...theirs].sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, n) => n + 1))
    const stored = await found('race')
    expect(stored.last).toBe(300)
    expectWhole(stored)
  })

  it('leaves all or nothing of each commit when one is killed, and all that was acknowledged', async () => {
    for (const [round, killAfter] of [1, 7, 20, 45].entries()) {
      const load = { where: database.url, tenant: 'killed', rounds: 100_000, killAfter }
      const heard = (await Promise.all([runLoad(load), runLoad(load)])).flat()
      expect(heard.length).toBeGreaterThanOrEqual(killAfter * 2)
      const stored = await found('killed')
      expect(stored.last).toBeGreaterThan(round)
      expectWhole(stored)
      for (const number of heard) expect(stored.numbers).toContain(number)
    }
  })
})
