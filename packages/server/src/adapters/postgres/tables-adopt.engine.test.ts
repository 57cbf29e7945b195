import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../test/engines/databases.ts'
import { HistoryGone, type Tables } from '../../ports/tables.ts'
import { migrate, migrationsFolder } from './migrate.ts'
import { openPool } from './pool.ts'
import { postgresTables } from './tables.ts'

const seedRegisters = `
  CREATE TABLE storage (
    id          TEXT PRIMARY KEY,
    ptr         TEXT NOT NULL,
    owner       TEXT NOT NULL,
    permissions INT  NOT NULL DEFAULT 7
  );
  CREATE TABLE trxs (
    sid         TEXT    PRIMARY KEY,
    owner       TEXT    NOT NULL,
    create_txid BIGINT  NOT NULL
  );
  INSERT INTO trxs VALUES ('old', 'someone', 3);`

const seedTable = (ptr: string) => `CREATE TABLE ${ptr} (
    id            TEXT PRIMARY KEY,
    data          JSONB NOT NULL DEFAULT '{}',
    _txid         BIGINT NOT NULL,
    _deleted_txid BIGINT,
    _owner        TEXT NOT NULL,
    _order        SERIAL
  );`

const register = (owner: string, id: string, ptr: string, permissions = 7) =>
  `INSERT INTO storage (id, ptr, owner, permissions) VALUES ('${id}', '${ptr}', '${owner}', ${permissions});`

const rows = (ptr: string) => `INSERT INTO ${ptr} (id, data, _txid, _deleted_txid, _owner) VALUES
  ('zoe', '{"name": "Zoe"}', 3, NULL, 'ann'), ('Abe', '{"name": "Abe"}', 4, NULL, 'bob'),
  ('gone', '{"name": "Gone"}', 4, 9, 'ann'), ('eve', '{"name": "Eve"}', 7, NULL, 'ann');`

describe('tables made by hand in Postgres', () => {
  let database: FreshDatabase
  let client: pg.Client
  let pools: pg.Pool[] = []
  const clock = { at: 1_700_000_000_000 }
  beforeEach(async () => {
    database = await freshDatabase({ empty: true })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
  })
  afterEach(async () => {
    await client.end()
    await Promise.all(pools.map((pool) => pool.end()))
    pools = []
    await database.drop()
  })
  const migrateAll = () => migrate({ client, by: 'tests', now: Date.now })
  function open(): Tables {
    const pool = openPool({ url: database.url, max: 2 })
    pools.push(pool)
    return postgresTables({ pool, now: () => clock.at, randomId: randomUUID, pollMs: 100 })
  }
  const names = async (tables: Tables, tenant: string, how: object) => {
    const { rows } = await tables.begin({ tenant }).query('users', how)
    return rows.map((row) => row.id)
  }

  it('are served when they were there before the first migration, and after a restart', async () => {
    await client.query(seedRegisters + seedTable('tbl_users_abc123') + rows('tbl_users_abc123'))
    await client.query(register('tenant-1', 'users', 'tbl_users_abc123', 6))
    await migrateAll()
    const first = open()
    expect(await Promise.all([first.adopt(), open().adopt()]).then((counts) => counts.sort())).toEqual([0, 1])
    expect(await first.adopt()).toBe(0)

    expect(await first.permissions('tenant-1')).toEqual(new Map([['users', 6]]))
    const reader = first.begin({ tenant: 'tenant-1' })
    expect(await reader.get('users', 'zoe')).toEqual({
      ...{ id: 'zoe', data: { name: 'Zoe' }, owner: 'ann', txid: 3, order: 1 },
    })
    expect(await reader.get('users', 'gone')).toBeNull()
    expect(await reader.snapshot()).toBe(10)
    expect(await names(first, 'tenant-1', {})).toEqual(['Abe', 'eve', 'zoe'])
    await first.prepare('tenant-1', [
      { name: 'users', indexes: [{ fields: ['name'], unique: true }], owned: true, listed: true },
    ])
    expect(await names(first, 'tenant-1', { listed: 'asc' })).toEqual(['zoe', 'Abe', 'eve'])
    expect(await names(first, 'tenant-1', { owner: 'ann', listed: 'desc' })).toEqual(['eve', 'zoe'])
    expect(await names(first, 'tenant-1', { where: { name: { gte: 'E' } } })).toEqual(['eve', 'zoe'])

    const change = first.begin({ tenant: 'tenant-1' })
    change.set('users', 'zoe', { name: 'Zoë' }, 'someone else')
    change.set('users', 'new', { name: 'New' }, 'ann')
    change.set('users', 'gone', { name: 'Back' }, 'bob')
    change.delete('users', 'Abe')
    expect(await change.commit({ bits: { users: 6 } })).toMatchObject({ number: 11 })
    const clash = first.begin({ tenant: 'tenant-1' })
    clash.set('users', 'other', { name: 'Eve' }, 'ann')
    expect(await clash.commit()).toMatchObject({ why: 'unique' })

    const again = open()
    expect(await names(again, 'tenant-1', { listed: 'asc' })).toEqual(['zoe', 'eve', 'new', 'gone'])
    expect(await again.begin({ tenant: 'tenant-1' }).get('users', 'zoe')).toMatchObject({
      ...{ data: { name: 'Zoë' }, owner: 'ann', txid: 11, order: 1 },
    })
    const old = again.begin({ tenant: 'tenant-1', at: 10 })
    expect((await old.get('users', 'zoe'))?.data).toEqual({ name: 'Zoe' })
    expect((await old.get('users', 'Abe'))?.data).toEqual({ name: 'Abe' })
    await expect(again.begin({ tenant: 'tenant-1', at: 9 }).get('users', 'zoe')).rejects.toThrow(HistoryGone)
    expect(await again.versions('tenant-1', 'users', 'zoe', { limit: 9 })).toMatchObject([
      { txid: 11, endedBy: null },
      { txid: 3, endedBy: 11, deleted: null, at: null },
    ])
    expect(await again.versions('tenant-1', 'users', 'gone', { limit: 9 })).toMatchObject([
      { txid: 11, endedBy: null },
      { txid: 4, endedBy: 9, deleted: { at: null, principal: null, function: null } },
    ])
    clock.at += 10 * 24 * 60 * 60_000
    expect(await again.collect({ now: new Date(clock.at), historyMs: 3_600_000 })).toEqual({ purged: 3 })
    expect(await names(again, 'tenant-1', { listed: 'asc' })).toEqual(['zoe', 'eve', 'new', 'gone'])
    const put = again.begin({ tenant: 'tenant-1' })
    put.set('users', 'x', 1, 'ann')
    expect(await again.suspend(put, { principal: 'ann', expiresAt: new Date(clock.at + 1_000) })).toBe(true)
    const columns = await client.query<{ column_name: string; kind: string }>(
      `select column_name, data_type || coalesce(column_default, '') as kind from information_schema.columns
       where table_name = 'tbl_users_abc123' and column_name = '_order'`,
    )
    expect(columns.rows).toEqual([{ column_name: '_order', kind: 'bigint' }])
    expect(
      (await client.query("select from pg_class where relkind = 'S' and relname like 'tbl%'")).rows,
    ).toEqual([])
  })

  it('are served when they were registered later, beside tables of ours and of other tenants', async () => {
    await migrateAll()
    const tables = open()
    for (let n = 1; n <= 3; n += 1) {
      const tx = tables.begin({ tenant: 'a' })
      tx.set('notes', 'x', n, 'me')
      await tx.commit()
    }
    const before = tables.begin({ tenant: 'a' })
    await before.get('notes', 'x')
    for (const [owner, ptr] of [
      ['a', 'tbl_users_abc123'],
      ['b', 'tbl_power_users_abc123'],
    ] as const) {
      await client.query(seedTable(ptr) + rows(ptr) + register(owner, 'users', ptr))
      await client.query(`update ${ptr} set _order = _order + 5000000`)
    }
    clock.at += 20_000
    expect(await tables.adopt()).toBe(2)
    // Whoever followed cannot know what was there, and is told so.
    const follow = async (after: number) => {
      for await (const { number } of tables.changes('a', after, new AbortController().signal)) return number
      return null
    }
    await expect(follow(3)).rejects.toThrow(HistoryGone)
    const last = await tables.begin({ tenant: 'a' }).snapshot()
    expect(last * 1024).toBeGreaterThan(5_000_004)
    expect((await tables.begin({ tenant: 'a', at: 2 }).get('notes', 'x'))?.data).toBe(2)
    const at = async (instant: number) => tables.begin({ tenant: 'a', at: new Date(instant) }).snapshot()
    expect([await at(clock.at - 20_001), await at(clock.at)]).toEqual([0, last])
    expect(await at(clock.at - 1)).toBeLessThan(last)
    expect(await at(clock.at - 1)).toBeGreaterThan(2)
    before.set('notes', 'x', 4, 'me')
    expect(await before.commit()).toMatchObject({ number: last + 1 })
    for (const tenant of ['a', 'b']) {
      await tables.prepare(tenant, [{ name: 'users', indexes: [], listed: true }])
      const tx = tables.begin({ tenant })
      tx.set('users', 'new', { name: 'New' }, 'ann')
      await tx.commit()
      expect(await names(tables, tenant, { listed: 'asc' })).toEqual(['zoe', 'Abe', 'eve', 'new'])
    }
    const indexes = await client.query<{ tablename: string; count: number }>(
      `select tablename, count(*)::int as count from pg_indexes where tablename like 'tbl%users%' group by 1 order by 1`,
    )
    expect(indexes.rows.map(({ count }) => count)).toEqual([3, 2, 3, 2])
  })

  it('are served where migrations ran over their registers before those could be taken in', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-migrations-'))
    for (const file of readdirSync(migrationsFolder).filter((name) => name < '0006')) {
      copyFileSync(join(migrationsFolder, file), join(folder, file))
    }
    await migrate({ client, by: 'tests', now: Date.now, folder })
    rmSync(folder, { recursive: true })
    const ptr = 'tbl_users_abc123'
    await client.query(`drop table storage, trxs; ${seedRegisters}${seedTable(ptr)}${rows(ptr)}`)
    await client.query(register('t', 'users', ptr))
    await migrateAll()
    const tables = open()
    expect(await tables.adopt()).toBe(1)
    const tx = tables.begin({ tenant: 't' })
    expect((await tx.get('users', 'eve'))?.data).toEqual({ name: 'Eve' })
    tx.set('users', 'eve', 1, 'ann')
    expect(await tables.suspend(tx, { principal: 'ann', expiresAt: new Date(clock.at + 1_000) })).toBe(true)
    const resumed = await tables.resume('t', 'ann', tx.sid)
    expect(await resumed?.tx.commit()).toMatchObject({ number: 11 })
    // Another tenant may have a table of that name.
    const other = tables.begin({ tenant: 'other' })
    other.set('users', 'eve', 2, 'ann')
    expect(await other.commit()).toMatchObject({ number: 1 })
  })

  it('are left as they are, and named, when they cannot be served', async () => {
    await migrateAll()
    const tables = open()
    await client.query(`create table tbl_bad (id text primary key, data jsonb, _txid bigint)`)
    await client.query(register('a', 'bad', 'tbl_bad'))
    await expect(tables.adopt()).rejects.toThrow(/tbl_bad.*_deleted_txid, _owner, _order/)
    await client.query("delete from storage where ptr = 'tbl_bad'")
    await client.query(
      seedTable('tbl_one') + register('a', 'users', 'tbl_one') + register('b', 'users', 'tbl_one'),
    )
    await expect(tables.adopt()).rejects.toThrow(/tbl_one.*more than once/)
    expect((await client.query('select * from heads')).rows).toEqual([])
    await client.query("update storage set ptr = 'tbl_absent' where owner = 'b'")
    expect(await tables.adopt()).toBe(1)
  })
})
