import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWaker } from '../src/adapters/follow.ts'
import { createNotifier } from '../src/adapters/postgres/notify.ts'
import { openPool } from '../src/adapters/postgres/pool.ts'
import { postgresTables } from '../src/adapters/postgres/tables.ts'
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

  it('lets two that race add up 1,000 each, each number given once', { timeout: 180_000 }, async () => {
    const load = { where: database.url, tenant: 'race', rounds: 1_000 }
    const [mine = [], theirs = []] = await Promise.all([runLoad(load), runLoad(load)])
    expect([mine.length, theirs.length]).toEqual([1_000, 1_000])
    expect([...mine, ...theirs].sort((a, b) => a - b)).toEqual(Array.from({ length: 2_000 }, (_, n) => n + 1))
    const stored = await found('race')
    expect(stored.last).toBe(2_000)
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

  it('gives each key of a unique index to one of two, and tells a third of every commit', async () => {
    const pool = openPool({ url: database.url, max: 4 })
    const tables = postgresTables({ pool, now: Date.now, randomId: randomUUID })
    const ended = new AbortController()
    const told = (async () => {
      const numbers: number[] = []
      for await (const { number } of tables.changes('claimed', 0, ended.signal)) {
        numbers.push(number)
        if (number === 300) ended.abort()
      }
      return numbers
    })()
    const load = { where: database.url, tenant: 'claimed', rounds: 300, claims: true } as const
    const heard = (await Promise.all([runLoad(load), runLoad(load)])).flat()
    const all = Array.from({ length: 300 }, (_, n) => n + 1)
    expect(heard.sort((a, b) => a - b)).toEqual(all)
    expect(await told).toEqual(all)
    const tx = tables.begin({ tenant: 'claimed' })
    const { rows } = await tx.query('claims', { where: { n: { gte: 0 } }, limit: 1_000 })
    expect(rows.map((row) => row.data)).toEqual(all.map((n) => ({ n: n - 1, at: { second: (n - 1) % 60 } })))
    await pool.end()
  })

  it('is told of what others commit without having to look', async () => {
    const side = () => {
      const pool = openPool({ url: database.url, max: 2 })
      const waker = createWaker()
      const notifier = createNotifier({ pool, url: database.url, waker })
      const more = { waker, grew: notifier.grew, pollMs: 3_600_000 }
      return {
        pool,
        notifier,
        tables: postgresTables({ pool, now: Date.now, randomId: randomUUID, ...more }),
      }
    }
    const [here, there] = [side(), side()]
    const ended = new AbortController()
    const feed = here.tables.changes('told', 0, ended.signal)[Symbol.asyncIterator]()
    for (const number of [1, 2, 3]) {
      const next = feed.next()
      const tx = there.tables.begin({ tenant: 'told' })
      tx.set('notes', 'x', number, 'me')
      await tx.commit()
      expect((await next).value).toMatchObject({ number })
    }
    ended.abort()
    for (const { pool, notifier } of [here, there]) {
      await notifier.close()
      await pool.end()
    }
  })
})
