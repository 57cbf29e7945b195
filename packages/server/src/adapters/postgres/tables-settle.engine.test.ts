import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Breakable, breakable } from '../../../test/engines/breakable.ts'
import { type FreshDatabase, freshDatabase } from '../../../test/engines/databases.ts'
import { type Tables, TablesLost } from '../../ports/tables.ts'
import { openPool } from './pool.ts'
import { postgresTables } from './tables.ts'

describe('commits in Postgres of which nobody heard', () => {
  let database: FreshDatabase
  let way: Breakable
  let pool: pg.Pool
  let tables: Tables
  let asked: string[]
  let watcher: pg.Client
  beforeEach(async () => {
    database = await freshDatabase()
    way = await breakable(database.url)
    pool = openPool({ url: way.url, max: 2 })
    watcher = new pg.Client({ connectionString: database.url })
    await watcher.connect()
    asked = []
    pool.on('connect', (client) => {
      const query = client.query.bind(client)
      client.query = ((...args: Parameters<typeof query>) => {
        asked.push(JSON.stringify(args[0]))
        return query(...args)
      }) as typeof client.query
    })
    tables = postgresTables({ pool, now: () => 1_700_000_000_123, randomId: randomUUID })
  })
  afterEach(async () => {
    await pool.end()
    await watcher.end()
    await way.close()
    await database.drop()
  })
  const add = (n: number) => {
    const tx = tables.begin({ tenant: 't' })
    tx.set('notes', null, n, 'me')
    return tx
  }
  const count = async () => (await tables.begin({ tenant: 't' }).query('notes', {})).rows.length
  // What a test builds on may take as long as the machine needs; what it expects may not.
  const patient = { timeout: 20_000 }
  /** What waits for a lock, by the functions that it calls. */
  async function waiting(): Promise<string[]> {
    const { rows } = await watcher.query<{ name: string }>(
      `select substring(query from 'console_tables_[a-z]+') as name from pg_stat_activity
       where wait_event_type = 'Lock' and datname = current_database() order by 1`,
    )
    return rows.map(({ name }) => name)
  }
  const meta = { idempotency: 'k', request: 'r', result: { id: 'x' } }

  it('are settled as they are, and repeated under their key have one effect and one answer', async () => {
    await add(0).commit()
    const lost = add(1)
    way.cutAnswerTo('console_tables_commit')
    expect(await lost.commit(meta)).toEqual({ state: 'unknown' })
    await expect(tables.settle('t', lost.sid)).rejects.toThrow(TablesLost)
    await expect(tables.recall('t', 'k')).rejects.toThrow(TablesLost)
    way.mend()
    const at = new Date(1_700_000_000_123)
    expect(await tables.settle('t', lost.sid)).toEqual({ state: 'committed', number: 2, at })
    const repeated = { number: 2, at, request: 'r', result: { id: 'x' } }
    expect(await add(1).commit(meta)).toEqual({ state: 'committed', number: 2, at, repeated })
    expect(await count()).toBe(2)
  })

  it('are waited for while they are on their way, on a connection that no other takes', async () => {
    await add(0).commit()
    const holder = new pg.Client({ connectionString: database.url })
    await holder.connect()
    await holder.query("begin; select from heads where owner = 't' for update")
    const lost = add(1)
    const committed = lost.commit(meta)
    await expect.poll(waiting, patient).toEqual(['console_tables_commit'])
    // The pool has two connections: the one commits, the other is taken too.
    const taken = await pool.connect()
    const settled = tables.settle('t', lost.sid)
    await expect.poll(waiting, patient).toEqual(['console_tables_commit', 'console_tables_settle'])
    await holder.query('rollback')
    const outcomes = await Promise.all([settled, committed])
    taken.release()
    await holder.end()
    const outcome = { state: 'committed', number: 2, at: new Date(1_700_000_000_123) }
    expect(outcomes).toEqual([outcome, outcome])
  })

  it('are not settled while the head of the tenant stays held, and nothing is written then', async () => {
    await add(0).commit()
    const holder = new pg.Client({ connectionString: database.url })
    await holder.connect()
    await holder.query("begin; select from heads where owner = 't' for update")
    const lost = add(1)
    await expect(tables.settle('t', lost.sid)).rejects.toThrow(TablesLost)
    await holder.query('rollback')
    expect((await lost.commit()).state).toBe('committed')
    await holder.end()
  })

  it('leave with those that are heard of who they were, and what they answered', async () => {
    const said = { principal: 'me', function: "f'", hash: 'h', ...meta }
    await add(0).commit(said)
    await add(1).commit({ result: null })
    await add(2).commit()
    const { rows } = await pool.query(
      'select principal, function, hash, request, idempotency, input, result from commits order by number',
    )
    const nothing = {
      principal: null,
      function: null,
      hash: null,
      request: null,
      idempotency: null,
      input: null,
    }
    expect(rows).toEqual([
      { ...said, input: null },
      { ...nothing, result: null },
      { ...nothing, result: null },
    ])
  })

  it('are found by their names and keys without going through all of the tenant', async () => {
    const one = openPool({ url: way.url, max: 1 })
    const handle = postgresTables({ pool: one, now: () => 0, randomId: randomUUID })
    for (let n = 0; n < 50; n += 1) {
      await handle.begin({ tenant: 't' }).commit({ idempotency: `k${n}` })
      await handle.recall('t', `k${n}`)
    }
    await one.query('select pg_stat_force_next_flush()')
    const scans = await one.query<{ name: string; scans: number }>(
      `select indexrelname as name, idx_scan::int as scans from pg_stat_user_indexes
       where relname = 'commits' and idx_scan > 0 order by 1`,
    )
    expect(scans.rows).toEqual([
      { name: 'commits_key_idx', scans: 100 },
      { name: 'commits_sid_owner_key', scans: 50 },
    ])
    await one.end()
  })

  it('ask the engine once to begin and read, and once to commit, whatever is said with it', async () => {
    await tables.prepare('t', [{ name: 'notes', indexes: [{ fields: ['n'] }], owned: true, listed: true }])
    const known = tables.begin({ tenant: 't' })
    await known.get('notes', 'x')
    await known.query('notes', { where: { n: 1 } })
    for (const read of [
      (tx: typeof known) => tx.get('notes', 'x'),
      (tx: typeof known) => tx.getAll('notes', ['x', 'y']),
      (tx: typeof known) => tx.query('notes', { where: { n: 1 }, owner: 'me' }),
      (tx: typeof known) => tx.query('notes', { listed: 'asc' }),
      (tx: typeof known) => tx.snapshot(),
    ]) {
      for (const isolation of ['snapshot', 'serializable'] as const) {
        asked = []
        const tx = tables.begin({ tenant: 't', isolation })
        await read(tx)
        expect(asked).toHaveLength(1)
        tx.set('notes', null, { n: 1 }, 'me')
        const key = randomUUID()
        const bits = { notes: 7 }
        await tx.commit({ idempotency: key, bits, principal: 'me', migration: { id: key, checksum: '' } })
        expect(asked).toHaveLength(2)
        expect(asked[1]).toContain('console_tables_commit')
      }
    }
  })
})
