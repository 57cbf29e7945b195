import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../test/engines/databases.ts'
import { catalogProblems } from './catalog.ts'
import { ledgerState, migrate, migrationsFolder, plan, status } from './migrate.ts'

describe('the migrator', () => {
  let folder = ''
  let database: FreshDatabase
  const clients: pg.Client[] = []
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarterdeck-migrations-'))
    database = await freshDatabase({ empty: true })
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.end()
    await database.drop()
    rmSync(folder, { recursive: true })
  })
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  async function connect() {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    clients.push(client)
    return client
  }
  const run = (client: pg.Client) => migrate({ client, folder, by: 'someone', now: () => 1_700_000_000_000 })

  it('plans without a database', () => {
    write('0001_a.sql', 'create table a (b int)')
    write('0002_b.sql', '-- breaking\ndrop table a')
    expect(plan(folder).map(({ version, breaking }) => [version, breaking])).toEqual([
      ['0001_a', false],
      ['0002_b', true],
    ])
    write('0003_c.sql', 'select 1; vacuum')
    expect(() => plan(folder)).toThrow(
      expect.objectContaining({ code: 'not_transactional', version: '0003_c' }),
    )
  })

  it('applies what is missing once, with a line in the ledger', async () => {
    write('0001_a.sql', 'create table a (b int)')
    const client = await connect()
    expect((await status(client, folder)).map((one) => one.state)).toEqual(['pending'])
    expect(await ledgerState(client, plan(folder))).toEqual({ behind: ['0001_a'], ahead: [], edited: [] })
    expect((await run(client)).map((one) => one.version)).toEqual(['0001_a'])
    write('0002_b.sql', '-- breaking\ninsert into a values (1)')
    expect((await run(client)).map((one) => one.version)).toEqual(['0002_b'])
    expect(await run(client)).toEqual([])
    expect(await status(client, folder)).toMatchObject([
      { version: '0001_a', state: 'applied', appliedBy: 'someone', appliedAt: 1_700_000_000_000 },
      { version: '0002_b', state: 'applied', breaking: true },
    ])
    expect((await client.query('select b from a')).rows).toEqual([{ b: 1 }])
  })

  it('says which applied files are unknown to it', async () => {
    write('0001_a.sql', 'create table a (b int)')
    write('0002_b.sql', 'create table b (b int)')
    const client = await connect()
    await run(client)
    rmSync(join(folder, '0002_b.sql'))
    expect((await status(client, folder)).map((one) => one.state)).toEqual(['applied', 'unknown'])
    expect(await ledgerState(client, plan(folder))).toEqual({ behind: [], ahead: ['0002_b'], edited: [] })
    expect(await run(client)).toEqual([])
  })

  it('refuses an applied file that was edited, before anything runs', async () => {
    write('0001_a.sql', 'create table a (b int)')
    const client = await connect()
    await run(client)
    write('0001_a.sql', 'create table a (b int) ')
    write('0002_b.sql', 'create table b (b int)')
    await expect(run(client)).rejects.toMatchObject({ code: 'migration_edited', version: '0001_a' })
    expect((await ledgerState(client, plan(folder))).edited).toEqual(['0001_a'])
    expect(await catalogProblems(client, { b: ['b'] })).toEqual([{ code: 'table_missing', name: 'b' }])
  })

  it('refuses what cannot run in a transaction, before anything runs', async () => {
    write('0001_a.sql', 'create table a (b int)')
    write('0002_b.sql', 'create index concurrently i on a (b)')
    const client = await connect()
    await expect(run(client)).rejects.toMatchObject({ code: 'not_transactional' })
    expect((await client.query("select to_regclass('a') as a")).rows).toEqual([{ a: null }])
  })

  it('leaves a file that fails wholly undone, and what came before it applied', async () => {
    write('0001_a.sql', 'create table a (b int)')
    write('0002_b.sql', 'create table b (b int); select no_such_function()')
    const client = await connect()
    await expect(run(client)).rejects.toThrow(/no_such_function/)
    expect(await ledgerState(client, plan(folder))).toMatchObject({ behind: ['0002_b'] })
    expect((await client.query("select to_regclass('b') as b")).rows).toEqual([{ b: null }])
    write('0002_b.sql', 'create table b (b int)')
    expect((await run(client)).map((one) => one.version)).toEqual(['0002_b'])
  })

  it('applies each file once when several migrate at once', async () => {
    write('0001_a.sql', 'create table a (n int)')
    for (let n = 2; n <= 9; n += 1)
      write(`000${n}_more.sql`, `insert into a values (${n}); select pg_sleep(0.01)`)
    const racers = await Promise.all([connect(), connect(), connect(), connect()])
    const applied = (await Promise.all(racers.map(run))).flat().map((one) => one.version)
    expect([...applied].sort()).toEqual(plan(folder).map((one) => one.version))
    const [client] = racers
    expect((await client.query('select array_agg(n order by n) as all from a')).rows).toEqual([
      { all: [2, 3, 4, 5, 6, 7, 8, 9] },
    ])
  })

  it('finds tables and columns that are gone under a full ledger', async () => {
    write('0001_a.sql', 'create table a (b int, c int); create table d (e int)')
    const client = await connect()
    await run(client)
    const needs = { a: ['b', 'c'], d: ['e'] }
    expect(await catalogProblems(client, needs)).toEqual([])
    await client.query('alter table a drop column c; drop table d')
    expect(await ledgerState(client, plan(folder))).toMatchObject({ behind: [] })
    expect(await catalogProblems(client, needs)).toEqual([
      { code: 'column_missing', name: 'a.c' },
      { code: 'table_missing', name: 'd' },
    ])
  })

  it('has applied every migration of the product to the databases of the tests', async () => {
    const copy = await freshDatabase()
    const client = new pg.Client({ connectionString: copy.url })
    await client.connect()
    expect(plan().length).toBeGreaterThan(0)
    expect(await ledgerState(client)).toEqual({ behind: [], ahead: [], edited: [] })
    expect((await status(client, migrationsFolder)).every((one) => one.state === 'applied')).toBe(true)
    await client.end()
    await copy.drop()
  })
})
