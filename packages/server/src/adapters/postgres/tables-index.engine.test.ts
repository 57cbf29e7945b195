import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../test/engines/databases.ts'
import { type Json, NotUnique, type Query, type Tables } from '../../ports/tables.ts'
import { pointerOf } from '../tables-document.ts'
import { compareText, fieldKey, keyOf } from '../tables-key.ts'
import { askedOf, planOf } from '../tables-page.ts'
import { columnOf, indexesOf } from '../tables-shape.ts'
import { meets, testsOf } from '../tables-tests.ts'
import { migrate, migrationsFolder } from './migrate.ts'
import { openPool } from './pool.ts'
import { postgresTables } from './tables.ts'
import { pageSql } from './tables-page.ts'

const text = fc.string({ unit: 'binary' }).filter((one) => one.isWellFormed() && !one.includes('\u0000'))
const scalar = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
)
const value: fc.Arbitrary<Json> = fc.oneof(
  scalar,
  fc.array(scalar),
  fc.dictionary(fc.constantFrom('a', 'b'), scalar),
)

describe('indexes of tables in Postgres', () => {
  let database: FreshDatabase
  let pool: pg.Pool
  let tables: Tables
  beforeEach(async () => {
    database = await freshDatabase()
    pool = openPool({ url: database.url, max: 4 })
    tables = postgresTables({ pool, now: () => 0, randomId: randomUUID })
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })

  it('have the keys that the other engines have, in the same order', async () => {
    // As a stored document: -0 is 0.
    const values = fc
      .sample(value, { numRuns: 2_000, seed: 1 })
      .map((one): Json => JSON.parse(JSON.stringify(one)))
    const { rows } = await pool.query<{ place: number; key: string }>(
      `select place::int, console_tables_key(value) as key
       from unnest($1::jsonb[]) with ordinality as list (value, place) order by console_tables_key(value) collate "C", place`,
      [values.map((one) => JSON.stringify(one))],
    )
    const keys = values.map(keyOf).map((key, at) => ({ place: at + 1, key }))
    expect(rows).toEqual(keys.sort((a, b) => compareText(a.key, b.key) || a.place - b.place))
  })

  it('find fields, their columns and what meets a test as the other engines do', async () => {
    const doc = fc.oneof(value, fc.dictionary(fc.constantFrom('a', 'b', '', 'a.b'), value))
    const field = fc.constantFrom('a', 'a.b', 'b.a', "a'b", '0', 'é')
    const word = fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte')
    const asked = fc.record({ doc, field, word, bound: scalar, list: fc.array(scalar, { maxLength: 3 }) })
    const samples = fc.sample(asked, { numRuns: 1_000, seed: 2 }).map(({ doc, field, word, bound, list }) => {
      const data: Json = JSON.parse(JSON.stringify(doc))
      const tests = testsOf({ [field]: list.length === 3 ? { in: list } : { [word]: bound } })
      return { data, field, tests }
    })
    const { rows } = await pool.query(
      `select console_tables_field_key(one -> 'data', one ->> 'field') as key,
         console_tables_column(one ->> 'field') as column,
         console_tables_meets(one -> 'data', one -> 'tests') as met
       from unnest($1::jsonb[]) with ordinality as list (one, place) order by place`,
      [samples.map((one) => JSON.stringify(one))],
    )
    const expected = samples.map(({ data, field, tests }) => {
      return { key: fieldKey(data, field), column: columnOf(field), met: meets(data, tests) }
    })
    expect(rows).toEqual(expected)
    expect(new Set(expected.map(({ met }) => met)).size).toBe(2)
  })

  /** How the plan of a page reads the table and its history. */
  async function scansOf(query: Query, last: number | null): Promise<string[]> {
    const asked = askedOf('notes', query)
    const plan = planOf(asked, indexesOf(shape))
    if (plan === null) throw new Error('no index serves')
    const keys = plan.listed ? ['0000000000001500'] : plan.ordering.map(() => keyOf('s5'))
    const after = last === null ? null : { keys, id: 'n5' }
    const page = { ...plan, after, limit: 11, without: [] }
    const { text: statement, values } = pageSql({ ptr: pointerOf('t', 'notes'), tenant: 't' }, page, last)
    const { rows } = await pool.query(`explain (format json) ${statement}`, [...values])
    return scans(rows[0]['QUERY PLAN'][0].Plan)
  }
  interface Node {
    readonly 'Node Type': string
    readonly 'Relation Name'?: string
    readonly Plans?: readonly Node[]
  }
  const scans = (node: Node): string[] => [
    ...(node['Relation Name']?.startsWith('tbl_') ? [node['Node Type']] : []),
    ...(node.Plans ?? []).flatMap(scans),
  ]
  const shape = {
    name: 'notes',
    indexes: [{ fields: ['state', 'title'] }, { fields: ['mail'], unique: true as const }],
    ...({ owned: true, listed: true } as const),
  }

  it('are what queries of a large table are answered by, old versions or not', async () => {
    await tables.prepare('t', [shape])
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < 10_000; n += 1_000) {
        const tx = tables.begin({ tenant: 't' })
        for (let m = n; m < n + 1_000; m += 1) {
          tx.set(
            'notes',
            `n${m}`,
            { state: `s${m % 500}`, title: `t${m}`, mail: `m${m}`, round },
            `o${m % 100}`,
          )
        }
        expect((await tx.commit()).state).toBe('committed')
      }
    }
    const ptr = pointerOf('t', 'notes')
    await pool.query(`analyze ${ptr}; analyze ${ptr}_h`)
    const counts = await pool.query(
      `select count(*)::int as main, (select count(*)::int from ${ptr}_h) as old from ${ptr}`,
    )
    expect(counts.rows).toEqual([{ main: 10_000, old: 10_000 }])
    const queries: Query[] = [
      {},
      { where: { mail: 'm77' } },
      { where: { state: 's7' } },
      { where: { state: 's7', title: { prefix: 't1' }, round: 1 } },
      { where: { state: { in: ['s7', 's8'] } } },
      { where: { mail: { gt: 'm99' } } },
      { orderBy: { field: 'state', direction: 'desc' } },
      { where: { mail: 'm'.repeat(1_000) } },
      { owner: 'o7' },
      { listed: 'asc' },
      { listed: 'desc', owner: 'o7' },
      { owner: 'o7', where: { mail: 'm7' } },
    ]
    for (const query of queries) {
      for (const last of [null, 20, 19]) {
        const found = await scansOf(query, last)
        expect(found.length).toBeGreaterThan(last === null ? 0 : 1)
        expect(found, JSON.stringify(query)).not.toContain('Seq Scan')
      }
    }
  })

  it('are made over rows that were there before declarations could be', async () => {
    const old = await freshDatabase({ empty: true })
    const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-tables-'))
    for (const file of ['0001_logs.sql', '0002_keep.sql', '0003_tables.sql']) {
      copyFileSync(join(migrationsFolder, file), join(folder, file))
    }
    const client = new pg.Client({ connectionString: old.url })
    await client.connect()
    await migrate({ client, by: 'tests', now: Date.now, folder })
    const part = { table: 'notes', ptr: pointerOf('t', 'notes'), checked: [] }
    for (const mail of ['m', 'n']) {
      const writes = ['x', 'y'].map((id) => ({ id, data: { mail, id }, owner: 'me', place: 0, fresh: false }))
      const list = JSON.stringify([{ sid: mail, at: 0, current: null, parts: [{ ...part, writes }] }])
      await client.query('select console_tables_commit($1, $2::jsonb)', ['t', list])
    }
    await migrate({ client, by: 'tests', now: Date.now })
    const one = openPool({ url: old.url, max: 2 })
    const handle = postgresTables({ pool: one, now: () => 0, randomId: randomUUID })
    const unique = { name: 'notes', indexes: [{ fields: ['mail'], unique: true as const }] }
    await expect(handle.prepare('t', [unique])).rejects.toThrow(NotUnique)
    await handle.prepare('t', [{ name: 'notes', indexes: [{ fields: ['mail'] }] }])
    const { rows } = await handle.begin({ tenant: 't' }).query('notes', { where: { mail: 'n' } })
    expect(rows.map((row) => row.id)).toEqual(['x', 'y'])
    const indexes = await client.query("select indexdef from pg_indexes where tablename like 'tbl%_h'")
    expect(JSON.stringify(indexes.rows)).toContain('(_deleted_txid)')
    await client.end()
    await one.end()
    await old.drop()
    rmSync(folder, { recursive: true })
  })

  it('are made once when many declare them at the same time, and hold rows of who never did', async () => {
    const pools = Array.from({ length: 4 }, () => openPool({ url: database.url, max: 2 }))
    const [late, ...handles] = pools.map((one) =>
      postgresTables({ pool: one, now: () => 0, randomId: randomUUID }),
    )
    const writer = late?.begin({ tenant: 't' })
    writer?.set('notes', 'before', { mail: 'm0' }, 'me')
    await Promise.all([writer?.commit(), ...handles.map((handle) => handle.prepare('t', [shape]))])
    const outcomes = await Promise.all(
      pools.map(async (_, n) => {
        const tx = (n === 0 ? late : handles[n - 1])?.begin({ tenant: 't' })
        tx?.set('notes', `n${n}`, { mail: 'm1' }, 'me')
        return tx?.commit()
      }),
    )
    expect(outcomes.filter((one) => one?.state === 'committed')).toHaveLength(1)
    expect(outcomes.filter((one) => one?.state === 'aborted' && one.why === 'unique')).toHaveLength(3)
    const { rows } = await tables.begin({ tenant: 't' }).query('notes', { where: { mail: { gte: 'm0' } } })
    expect(rows.map((row) => row.data)).toEqual([{ mail: 'm0' }, { mail: 'm1' }])
    await Promise.all(pools.map((one) => one.end()))
  })

  it('tell followers nothing of transactions that were declared void', async () => {
    await pool.query("insert into commits (owner, at, sid) values ('t', now(), 'void')")
    const tx = tables.begin({ tenant: 't' })
    tx.set('notes', 'x', 1, 'me')
    await tx.commit()
    await pool.query("insert into commits (owner, at, sid) values ('t', now(), 'void too')")
    const ended = new AbortController()
    const seen: number[] = []
    for await (const { number } of tables.changes('t', 0, ended.signal)) {
      seen.push(number)
      if (seen.length === 1) setTimeout(() => ended.abort(), 50)
    }
    expect(seen).toEqual([1])
  })
})
