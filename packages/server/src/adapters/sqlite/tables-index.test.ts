import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NotUnique, type Query } from '../../ports/tables.ts'
import { pointerOf } from '../tables-document.ts'
import { keyOf } from '../tables-key.ts'
import { askedOf, planOf } from '../tables-page.ts'
import { indexesOf } from '../tables-shape.ts'
import { migrateSqlite, openSqlite, sqliteMigrationsFolder } from './open.ts'
import { sqliteTables } from './tables.ts'
import { pageSql } from './tables-page.ts'

describe('indexes of tables in SQLite', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarterdeck-tables-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const handleOn = (db: DatabaseSync) => sqliteTables({ db, now: () => 0, randomId: randomUUID })
  const openNew = () => openSqlite({ path: join(folder, 'a.sqlite'), now: () => 0, synchronous: 'off' })

  it('are what queries are answered by, old versions or not', async () => {
    const shape = {
      name: 'notes',
      indexes: [{ fields: ['state', 'title'] }, { fields: ['mail'], unique: true as const }],
      ...({ owned: true, listed: true } as const),
    }
    const db = openNew()
    await handleOn(db).prepare('t', [shape])
    const queries: Query[] = [
      { where: { mail: 'm77' } },
      { where: { state: 's7' } },
      { where: { state: 's7', title: { prefix: 't1' }, round: 1 } },
      { where: { state: { in: ['s7', 's8'] } } },
      { where: { mail: { gt: 'm99' } } },
      { orderBy: { field: 'state', direction: 'desc' } },
      {},
      { owner: 'me' },
      { listed: 'asc' },
      { listed: 'desc', owner: 'me' },
    ]
    for (const query of queries) {
      const plan = planOf(askedOf('notes', query), indexesOf(shape))
      if (plan === null) throw new Error('no index serves')
      const keys = plan.listed ? ['0000000000001024'] : plan.ordering.map(() => keyOf('s5'))
      const after = { keys, id: 'n5' }
      const { text, values } = pageSql(pointerOf('t', 'notes'), { ...plan, after, limit: 11, without: [] }, 5)
      const steps = db.prepare(`explain query plan ${text}`).all(...values)
      const details = steps
        .map((step) => String(step.detail))
        .filter((detail) => /^(SCAN|SEARCH)/.test(detail))
      // The main table by the index of the query, the history by what ended.
      expect(details).toEqual([
        expect.stringMatching(/^SEARCH "?tbl_notes_\w{12}"? USING INDEX/),
        expect.stringMatching(/^SEARCH "?tbl_notes_\w{12}_h"? USING INDEX .*_deleted_txid>/),
      ])
    }
    db.close()
  })

  it('are made over rows that were there before declarations could be', async () => {
    const path = join(folder, 'old.sqlite')
    const old = new DatabaseSync(path)
    const earlier = join(folder, 'migrations')
    mkdirSync(earlier)
    for (const file of ['0001_logs.sql', '0002_keep.sql', '0003_tables.sql']) {
      copyFileSync(join(sqliteMigrationsFolder, file), join(earlier, file))
    }
    migrateSqlite(old, { now: () => 0, by: 'tests', folder: earlier })
    const ptr = pointerOf('t', 'notes')
    const columns = `data text not null, _txid integer not null, _deleted_txid integer, _owner text not null,
      _order integer not null`
    old.exec(`
      create table ${ptr} (id text primary key, ${columns}) strict;
      create table ${ptr}_h (id text not null, ${columns}, primary key (id, _txid)) strict;
      insert into storage (owner, id, ptr) values ('t', 'notes', '${ptr}');
      insert into heads values ('t', 2, 0);
      insert into ${ptr} values ('x', '{"mail":"n"}', 2, null, 'me', 1024), ('y', '{"mail":"n"}', 1, null, 'me', 1025);
      insert into ${ptr}_h values ('x', '{"mail":"m"}', 1, 2, 'me', 1024);
    `)
    old.close()
    const db = openSqlite({ path, now: () => 0, synchronous: 'off' })
    const tables = handleOn(db)
    await expect(
      tables.prepare('t', [{ name: 'notes', indexes: [{ fields: ['mail'], unique: true }] }]),
    ).rejects.toThrow(NotUnique)
    await tables.prepare('t', [{ name: 'notes', indexes: [{ fields: ['mail'] }] }])
    const tx = tables.begin({ tenant: 't' })
    const { rows } = await tx.query('notes', { where: { mail: 'n' } })
    expect(rows.map((row) => row.id)).toEqual(['x', 'y'])
    const keys = db.prepare(`select * from ${ptr}_h`).all()
    expect(Object.values(keys[0] ?? {})).toContain('4m')
    db.close()
  })

  it('tell followers nothing of transactions that were declared void', async () => {
    const db = openNew()
    const tables = handleOn(db)
    db.exec("insert into commits (owner, at, sid) values ('t', 0, 'void')")
    const tx = tables.begin({ tenant: 't' })
    tx.set('notes', 'x', 1, 'me')
    await tx.commit()
    const ended = new AbortController()
    const seen: number[] = []
    for await (const { number } of tables.changes('t', 0, ended.signal)) {
      seen.push(number)
      setTimeout(() => ended.abort(), 20)
    }
    expect(seen).toEqual([1])
    db.close()
  })

  it('tell followers that the file was closed under them, after a few looks', async () => {
    const db = openNew()
    const tables = handleOn(db)
    const next = tables.changes('t', 0, new AbortController().signal)[Symbol.asyncIterator]().next()
    db.close()
    await expect(next).rejects.toThrow('the engine is away')
  })
})
