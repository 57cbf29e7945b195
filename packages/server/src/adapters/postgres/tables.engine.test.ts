import { createHash, randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Breakable, breakable } from '../../../test/engines/breakable.ts'
import { type FreshDatabase, freshDatabase } from '../../../test/engines/databases.ts'
import { tablesSuite } from '../../ports/tables.suite.ts'
import { type Tables, TablesLost } from '../../ports/tables.ts'
import { openPool } from './pool.ts'
import { postgresTables } from './tables.ts'

tablesSuite('postgres', async () => {
  const database = await freshDatabase()
  const url = new URL(database.url)
  // That acknowledged means on disk is held elsewhere.
  url.searchParams.set('options', '-c synchronous_commit=off')
  const way = await breakable(url.href)
  const pools: pg.Pool[] = []
  const clock = { at: 1_700_000_000_000 }
  return {
    async open() {
      const pool = openPool({ url: way.url, max: 4 })
      pools.push(pool)
      return postgresTables({ pool, now: () => clock.at, randomId: randomUUID })
    },
    clock,
    durable: true,
    histories: 10_000,
    lose: async () => way.cut(),
    find: async () => way.mend(),
    async dispose() {
      await Promise.all(pools.map((pool) => pool.end()))
      await way.close()
      await database.drop()
    },
  }
})

describe('tables in Postgres', () => {
  let database: FreshDatabase
  let way: Breakable
  let pool: pg.Pool
  let tables: Tables
  beforeEach(async () => {
    database = await freshDatabase()
    way = await breakable(database.url)
    pool = openPool({ url: way.url, max: 4 })
    tables = postgresTables({ pool, now: () => 1_700_000_000_123, randomId: randomUUID })
  })
  afterEach(async () => {
    await pool.end()
    await way.close()
    await database.drop()
  })
  const rows = async (text: string) => (await pool.query(text)).rows

  it('registers a table, and stores versions and commits as later readers want them', async () => {
    const first = tables.begin({ tenant: 't' })
    first.set('notes', 'x', { n: 1 }, 'me')
    first.set('notes', 'y', null, 'me')
    await first.commit()
    const second = tables.begin({ tenant: 't' })
    second.set('notes', 'x', { n: 2 }, 'you')
    second.delete('notes', 'y')
    second.delete('notes', 'absent')
    await second.commit()
    const third = tables.begin({ tenant: 't' })
    third.set('notes', 'y', 'again', 'you')
    await third.commit()
    const ptr = `tbl_notes_${createHash('sha256').update('t\u0000notes').digest('hex').slice(0, 12)}`
    expect(await rows('select owner, id, ptr, permissions from storage')).toEqual([
      { owner: 't', id: 'notes', ptr, permissions: 7 },
    ])
    const columns = `id, data, _txid::int, _deleted_txid::int, _owner, _order::int`
    expect(await rows(`select ${columns} from ${ptr} order by id`)).toEqual([
      { id: 'x', data: { n: 2 }, _txid: 2, _deleted_txid: null, _owner: 'me', _order: 1024 },
      { id: 'y', data: 'again', _txid: 3, _deleted_txid: null, _owner: 'you', _order: 3072 },
    ])
    expect(await rows(`select ${columns} from ${ptr}_h order by id`)).toEqual([
      { id: 'x', data: { n: 1 }, _txid: 1, _deleted_txid: 2, _owner: 'me', _order: 1024 },
      { id: 'y', data: null, _txid: 1, _deleted_txid: 2, _owner: 'me', _order: 1025 },
    ])
    const touched = (id: string, type: string) => ({ table: 'notes', id, type })
    expect(await rows('select owner, number::int, at, sid, touched from commits order by number')).toEqual(
      [
        { tx: first, touched: [touched('x', 'insert'), touched('y', 'insert')] },
        { tx: second, touched: [touched('x', 'update'), touched('y', 'delete')] },
        { tx: third, touched: [touched('y', 'insert')] },
      ].map(({ tx, touched }, n) => ({
        owner: 't',
        number: n + 1,
        at: new Date(1_700_000_000_123),
        sid: tx.sid,
        touched,
      })),
    )
  })

  it('undoes alone what the engine refuses, not what shared its call', async () => {
    const make = tables.begin({ tenant: 't' })
    make.set('notes', 'x', 0, 'me')
    await make.commit()
    const [{ ptr } = { ptr: '' }] = await rows('select ptr from storage')
    await pool.query(`alter table ${ptr} add check (id <> 'refused')`)
    const txs = ['a', 'refused', 'b'].map((id) => {
      const tx = tables.begin({ tenant: 't' })
      tx.set('notes', id, 1, 'me')
      return tx
    })
    const outcomes = await Promise.allSettled(txs.map((tx) => tx.commit()))
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: { state: 'committed', number: 2 } },
      { status: 'rejected', reason: { code: '23514' } },
      { status: 'fulfilled', value: { state: 'committed', number: 3 } },
    ])
    expect(await rows(`select id from ${ptr} order by id`)).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'x' }])
  })

  it('joins waiting commits into few calls', async () => {
    const txs = Array.from({ length: 100 }, (_, n) => {
      const tx = tables.begin({ tenant: 't' })
      tx.set('notes', `n${n}`, n, 'me')
      return tx
    })
    await Promise.all(txs.map((tx) => tx.commit()))
    // Commits of one call were made by one transaction of the engine.
    const [{ calls } = { calls: 0 }] = await rows(
      'select count(distinct xmin::text)::int as calls from commits',
    )
    expect(calls).toBeLessThan(5)
  })

  it('says unknown when the answer to a commit is lost, whether or not it stands', async () => {
    const make = tables.begin({ tenant: 't' })
    make.set('notes', 'x', 0, 'me')
    await make.commit()
    const txs = ['a', 'b'].map((id) => {
      const tx = tables.begin({ tenant: 't' })
      tx.set('notes', id, 1, 'me')
      return tx
    })
    way.cutAnswerTo('console_tables_commit')
    expect(await Promise.all(txs.map((tx) => tx.commit()))).toEqual([
      { state: 'unknown' },
      { state: 'unknown' },
    ])
    const away = tables.begin({ tenant: 't' })
    away.set('notes', 'away', 1, 'me')
    await expect(away.commit()).rejects.toThrow(TablesLost)
    way.mend()
    const tx = tables.begin({ tenant: 't' })
    expect([(await tx.get('notes', 'a'))?.txid, (await tx.get('notes', 'b'))?.txid]).toEqual([2, 3])
    expect(await tx.get('notes', 'away')).toBeNull()
  })

  it('answers a transaction that it knows as it did before, and never commits a void one', async () => {
    const call = async (sid: string) => {
      const part = { table: 'notes', ptr: 'tbl_notes_x', checked: ['x'] }
      const writes = [{ id: 'x', data: 1, owner: 'me', place: 0, fresh: false }]
      const list = JSON.stringify([{ sid, at: 1_700_000_000_123, current: 1, parts: [{ ...part, writes }] }])
      const answer = await pool.query('select console_tables_commit($1, $2::jsonb) as verdicts', ['t', list])
      return answer.rows[0].verdicts
    }
    const first = await call('a')
    expect(first).toEqual([{ number: 1, at: 1_700_000_000_123 }])
    expect(await call('b')).toEqual([{ conflict: { table: 'notes', id: 'x' } }])
    expect(await call('a')).toEqual(first)
    await pool.query("insert into commits (owner, at, sid) values ('t', now(), 'void')")
    expect(await call('void')).toEqual([{}])
    expect(await rows('select last::int from heads')).toEqual([{ last: 1 }])
    expect(await rows('select * from tbl_notes_x_h')).toEqual([])
  })

  it('finds out whether it knows a transaction without going through all of the tenant', async () => {
    const one = openPool({ url: way.url, max: 1 })
    const handle = postgresTables({ pool: one, now: () => 0, randomId: randomUUID })
    for (let n = 0; n < 50; n += 1) {
      const tx = handle.begin({ tenant: 't' })
      tx.set('notes', 'x', n, 'me')
      await tx.commit()
    }
    await one.query('select pg_stat_force_next_flush()')
    const scans = await one.query<{ name: string; scans: number }>(
      `select indexrelname as name, idx_scan::int as scans from pg_stat_user_indexes
       where relname = 'commits' and idx_scan > 0`,
    )
    expect(scans.rows).toEqual([{ name: 'commits_sid_owner_key', scans: 50 }])
    await one.end()
  })

  it('makes a table once when two processes write to it first', async () => {
    const others = Array.from({ length: 4 }, () => openPool({ url: way.url, max: 1 }))
    const handles = others.map((one) => postgresTables({ pool: one, now: () => 0, randomId: randomUUID }))
    for (const round of [1, 2, 3]) {
      const outcomes = await Promise.all(
        handles.map((handle, n) => {
          const tx = handle.begin({ tenant: `new ${round}` })
          tx.set('notes', `n${n}`, n, 'me')
          return tx.commit()
        }),
      )
      expect(outcomes.map((one) => one.state === 'committed' && one.number).sort()).toEqual([1, 2, 3, 4])
    }
    await Promise.all(others.map((one) => one.end()))
  })
})
