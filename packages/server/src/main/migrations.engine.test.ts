import pg from 'pg'
import { expect, it } from 'vitest'
import { freshDatabase } from '../../test/engines/databases.ts'
import { migratePostgres } from './migrations.ts'

it('migrates a database, and takes in what was made there by hand, again and again', async () => {
  const database = await freshDatabase({ empty: true })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(`
    create table storage (id text primary key, ptr text not null, owner text not null, permissions int not null default 7);
    create table tbl_users_abc123 (id text primary key, data jsonb not null default '{}', _txid bigint not null,
      _deleted_txid bigint, _owner text not null, _order serial);
    insert into tbl_users_abc123 (id, _txid, _owner) values ('x', 5, 'me');
    insert into storage (id, ptr, owner) values ('users', 'tbl_users_abc123', 't')`)
  const config = { storage: 'postgres', tablesStorage: 'postgres', databaseUrl: database.url } as const
  expect((await migratePostgres(config)).at(0)).toBe('0001_logs')
  expect(await migratePostgres(config)).toEqual([])
  expect((await client.query('select owner, last::int, horizon::int from heads')).rows).toEqual([
    { owner: 't', last: 6, horizon: 6 },
  ])
  await client.end()
  await database.drop()
})
