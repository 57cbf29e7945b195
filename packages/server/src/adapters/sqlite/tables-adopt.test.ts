import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HistoryGone, type Tables } from '../../ports/tables.ts'
import { openSqlite } from './open.ts'
import { sqliteTables } from './tables.ts'

const registers = `
  CREATE TABLE storage (
    id TEXT PRIMARY KEY, ptr TEXT NOT NULL, owner TEXT NOT NULL, permissions INT NOT NULL DEFAULT 7
  );
  CREATE TABLE trxs (sid TEXT PRIMARY KEY, owner TEXT NOT NULL, create_txid BIGINT NOT NULL);`

const table = `
  CREATE TABLE tbl_users_abc123 (
    id TEXT PRIMARY KEY, data JSONB NOT NULL DEFAULT '{}', _txid BIGINT NOT NULL, _deleted_txid BIGINT,
    _owner TEXT NOT NULL, _order SERIAL
  );
  INSERT INTO tbl_users_abc123 (id, data, _txid, _deleted_txid, _owner) VALUES
    ('zoe', '{"name": "Zoe"}', 3, NULL, 'ann'), ('Abe', '{"name": "Abe"}', 4, NULL, 'bob'),
    ('gone', '{"name": "Gone"}', 4, 9, 'ann');
  INSERT INTO storage (id, ptr, owner, permissions) VALUES ('users', 'tbl_users_abc123', 'tenant-1', 6);`

describe('tables made by hand in SQLite', () => {
  let folder = ''
  const clock = { at: 1_700_000_000_000 }
  const opened: DatabaseSync[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarterdeck-tables-'))
  })
  afterEach(() => {
    for (const db of opened.splice(0)) db.close()
    rmSync(folder, { recursive: true })
  })
  const path = () => join(folder, 'a.sqlite')
  function byHand(text: string) {
    const db = new DatabaseSync(path())
    db.exec(text)
    db.close()
  }
  function open(): Tables {
    const db = openSqlite({ path: path(), now: () => 0, synchronous: 'off' })
    opened.push(db)
    return sqliteTables({ db, now: () => clock.at, randomId: randomUUID })
  }

  it.each(['before the first migration', 'later'])('are served when they were made %s', async (when) => {
    if (when === 'later') {
      open()
      byHand(table)
    } else byHand(registers + table)
    const tables = open()
    expect(await tables.adopt()).toBe(1)
    expect(await tables.adopt()).toBe(0)
    expect(await tables.permissions('tenant-1')).toEqual(new Map([['users', 6]]))
    const tx = tables.begin({ tenant: 'tenant-1' })
    expect(await tx.get('users', 'zoe')).toEqual({
      ...{ id: 'zoe', data: { name: 'Zoe' }, owner: 'ann', txid: 3, order: 1 },
    })
    expect(await tx.get('users', 'gone')).toBeNull()
    expect(await tx.snapshot()).toBe(10)
    tx.set('users', 'zoe', { name: 'Zoë' }, 'you')
    tx.set('users', 'new', { name: 'New' }, 'ann')
    expect(await tx.commit()).toMatchObject({ number: 11 })
    await tables.prepare('tenant-1', [{ name: 'users', indexes: [{ fields: ['name'] }], listed: true }])

    const again = open()
    const listed = await again.begin({ tenant: 'tenant-1' }).query('users', { listed: 'asc' })
    expect(listed.rows.map((row) => row.id)).toEqual(['zoe', 'Abe', 'new'])
    const found = await again.begin({ tenant: 'tenant-1' }).query('users', { where: { name: 'Abe' } })
    expect(found.rows.map((row) => row.id)).toEqual(['Abe'])
    const old = again.begin({ tenant: 'tenant-1', at: 10 })
    expect((await old.get('users', 'zoe'))?.data).toEqual({ name: 'Zoe' })
    await expect(again.begin({ tenant: 'tenant-1', at: 9 }).get('users', 'zoe')).rejects.toThrow(HistoryGone)
    const kept = again.begin({ tenant: 'tenant-1' })
    expect(await again.suspend(kept, { principal: 'ann', expiresAt: new Date(1_800_000_000_000) })).toBe(true)
  })

  it('are of the moment in which they were taken in', async () => {
    const tables = open()
    const tx = tables.begin({ tenant: 'tenant-1' })
    tx.set('notes', 'x', 1, 'me')
    await tx.commit()
    byHand(table)
    clock.at += 2_000
    expect(await tables.adopt()).toBe(1)
    const at = (instant: number) => tables.begin({ tenant: 'tenant-1', at: new Date(instant) }).snapshot()
    const now = clock.at
    expect([await at(now - 2_001), await at(now - 1), await at(now)]).toEqual([0, 9, 10])
  })

  it('are left as they are, and named, when they cannot be served', async () => {
    const tables = open()
    byHand(`create table tbl_bad (id text primary key, data text);
      insert into storage (id, ptr, owner) values ('bad', 'tbl_bad', 'a')`)
    await expect(tables.adopt()).rejects.toThrow(/tbl_bad.*_txid, _deleted_txid, _owner, _order/)
  })
})
