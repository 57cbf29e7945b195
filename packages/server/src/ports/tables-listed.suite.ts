import { expect, it } from 'vitest'
import { numberOf, put, type StartTables } from './tables.suite.ts'
import {
  CursorInvalid,
  DocumentInvalid,
  type Query,
  type TableShape,
  type Tables,
  type Tx,
} from './tables.ts'

const shape: TableShape = { name: 'notes', indexes: [{ fields: ['n'] }], owned: true, listed: true }

/** Commits documents that hold their place in the list, each under an id and of an owner. */
async function putAll(tables: Tables, rows: readonly (readonly [id: string, owner: string])[]) {
  const tx = tables.begin({ tenant: 'a' })
  for (const [n, [id, owner]] of rows.entries()) tx.set('notes', id, { n }, owner)
  return numberOf(await tx.commit())
}

async function idsOf(tx: Tx, query: Query) {
  return (await tx.query('notes', query)).rows.map((row) => row.id)
}

/** The ids of all pages, `limit` at a time. */
async function paged(next: () => Tx, query: Query, limit: number) {
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await next().query('notes', { ...query, limit, ...(cursor === undefined ? {} : { cursor }) })
    expect(page.rows.length).toBeLessThanOrEqual(limit)
    found.push(...page.rows.map((row) => row.id))
    cursor = page.cursor
  } while (cursor !== undefined)
  return found
}

/** The part of the suite about insertion order, owners, and many rows by their ids. */
export function listedTests(start: StartTables) {
  it('lists rows in insertion order and the reverse, declared for it or not, page by page', async () => {
    const { tables, open } = await start()
    const other = await open()
    const rows = Array.from({ length: 25 }, (_, n) => [`${(n * 7) % 25}`, n % 2 ? 'odd' : 'even'] as const)
    await putAll(tables, rows.slice(0, 10))
    await putAll(tables, rows.slice(10))
    const inserted = rows.map(([id]) => id)
    for (const declared of [false, true]) {
      if (declared) await Promise.all([tables, other].map((handle) => handle.prepare('a', [shape])))
      for (const handle of [tables, other]) {
        const next = () => handle.begin({ tenant: 'a' })
        for (const limit of [1, 4, 25, 100]) {
          expect(await paged(next, { listed: 'asc' }, limit)).toEqual(inserted)
          expect(await paged(next, { listed: 'desc' }, limit)).toEqual([...inserted].reverse())
          const odd = rows.filter(([, owner]) => owner === 'odd').map(([id]) => id)
          expect(await paged(next, { listed: 'asc', owner: 'odd' }, limit)).toEqual(odd)
          expect(await paged(next, { listed: 'desc', owner: 'odd' }, limit)).toEqual([...odd].reverse())
          expect(await paged(next, { owner: 'odd' }, limit)).toEqual([...odd].sort())
        }
        expect(await idsOf(next(), { owner: "odd'" })).toEqual([])
      }
    }
    expect(await idsOf(tables.begin({ tenant: 'b' }), { listed: 'asc', owner: 'odd' })).toEqual([])
  })

  it('keeps a row in its place when it is changed, and puts it behind when it is made anew', async () => {
    const { tables } = await start()
    await tables.prepare('a', [shape])
    await putAll(tables, [
      ['c', 'me'],
      ['a', 'me'],
      ['b', 'you'],
    ])
    const change = tables.begin({ tenant: 'a' })
    change.set('notes', 'c', { n: 9 }, 'you')
    expect(await idsOf(change, { listed: 'asc' })).toEqual(['c', 'a', 'b'])
    // A row keeps its owner, whoever writes it.
    expect(await idsOf(change, { listed: 'asc', owner: 'me' })).toEqual(['c', 'a'])
    expect(await idsOf(change, { where: { n: 9 }, owner: 'you' })).toEqual([])
    change.delete('notes', 'a')
    expect(await idsOf(change, { listed: 'asc', owner: 'me' })).toEqual(['c'])
    change.set('notes', 'a', { n: 8 }, 'you')
    change.set('notes', '0', { n: 7 }, 'you')
    const own = await change.query('notes', { listed: 'asc' })
    expect(own.rows.map((row) => row.id)).toEqual(['c', 'b', 'a', '0'])
    expect(await idsOf(change, { listed: 'desc', owner: 'you' })).toEqual(['0', 'a', 'b'])
    expect(await idsOf(change, { owner: 'you' })).toEqual(['0', 'a', 'b'])
    expect(await paged(() => change, { listed: 'desc' }, 1)).toEqual(['0', 'a', 'b', 'c'])
    await change.commit()
    const after = await tables.begin({ tenant: 'a' }).query('notes', { listed: 'asc' })
    expect(after).toEqual(own)
  })

  it('takes from both ends, what it pushed itself too', async () => {
    const { tables } = await start()
    await tables.prepare('a', [shape])
    for (const n of [1, 2, 3]) await put(tables, 'a', 'notes', `n${n}`, n)
    const tx = tables.begin({ tenant: 'a' })
    const take = async (listed: 'asc' | 'desc') => {
      const [row] = (await tx.query('notes', { listed, limit: 1 })).rows
      if (row !== undefined) tx.delete('notes', row.id)
      return row?.data
    }
    tx.set('notes', null, 4, 'me')
    expect([await take('desc'), await take('desc'), await take('asc'), await take('asc')]).toEqual([
      4, 3, 1, 2,
    ])
    expect(await take('asc')).toBeUndefined()
    tx.set('notes', null, 5, 'me')
    expect(await take('asc')).toBe(5)
    expect((await tx.commit()).state).toBe('committed')
    expect(await idsOf(tables.begin({ tenant: 'a' }), { listed: 'asc' })).toEqual([])
  })

  it('shows of a snapshot what stood in it, whatever came, went and changed since', async () => {
    const { tables, open } = await start()
    const other = await open()
    await tables.prepare('a', [shape])
    await putAll(tables, [
      ['c', 'me'],
      ['a', 'you'],
      ['b', 'me'],
    ])
    const tx = tables.begin({ tenant: 'a' })
    const all = async (reader: Tx) => [
      await reader.query('notes', { listed: 'asc' }),
      await reader.query('notes', { listed: 'desc', owner: 'me' }),
      await reader.query('notes', { owner: 'me' }),
      await reader.query('notes', { owner: 'me', where: { n: { gte: 0 } } }),
      { rows: await reader.getAll('notes', ['a', 'b', 'c']) },
    ]
    const before = await all(tx)
    expect(before.map(({ rows }) => rows.length)).toEqual([3, 2, 2, 2, 3])
    const page = await tx.query('notes', { listed: 'asc', limit: 1 })
    const change = other.begin({ tenant: 'a' })
    change.delete('notes', 'c')
    change.set('notes', 'a', { n: 5 }, 'you')
    change.set('notes', '0', { n: 6 }, 'me')
    await change.commit()
    const anew = other.begin({ tenant: 'a' })
    anew.set('notes', 'c', { n: 7 }, 'you')
    anew.delete('notes', 'b')
    await anew.commit()
    expect(await all(tx)).toEqual(before)
    expect(await all(other.begin({ tenant: 'a', at: 1 }))).toEqual(before)
    const { cursor = '' } = page
    const rest = await other.begin({ tenant: 'a' }).query('notes', { listed: 'asc', limit: 1, cursor })
    expect(rest.rows.map((row) => row.id)).toEqual(['a'])
    expect(await idsOf(other.begin({ tenant: 'a' }), { listed: 'asc' })).toEqual(['a', '0', 'c'])
    expect(await idsOf(other.begin({ tenant: 'a' }), { owner: 'me' })).toEqual(['0'])
  })

  it('tells rows that share a place apart by their ids', async () => {
    const { tables } = await start()
    const tx = tables.begin({ tenant: 'a' })
    for (let n = 0; n < 1_030; n += 1) tx.set('notes', `n${2_000 - n}`, { n }, 'me')
    const own = await paged(() => tx, { listed: 'asc' }, 500)
    await tx.commit()
    await tables.prepare('a', [shape])
    expect(await paged(() => tables.begin({ tenant: 'a' }), { listed: 'asc' }, 999)).toEqual(own)
    expect(own.slice(0, 3)).toEqual(['n2000', 'n1999', 'n1998'])
    expect(own.slice(-3)).toEqual(['n975', 'n976', 'n977'])
    const reverse = await paged(() => tables.begin({ tenant: 'a' }), { listed: 'desc' }, 3)
    expect(reverse).toEqual([...own].reverse())
  })

  it('reads many rows by their ids at the snapshot, own writes laid over', async () => {
    const { tables, open } = await start()
    const other = await open()
    await putAll(tables, [
      ['a', 'me'],
      ['b', 'me'],
      ['c', 'me'],
    ])
    const many = Array.from({ length: 1_000 }, (_, n) => (n < 3 ? (['a', 'b', 'c'][n] ?? '') : `none ${n}`))
    const tx = tables.begin({ tenant: 'a' })
    const ids = async (wanted: readonly string[]) =>
      (await tx.getAll('notes', wanted)).map((row) => row.id).sort()
    expect(await ids(many)).toEqual(['a', 'b', 'c'])
    expect(await tx.snapshot()).toBe(1)
    const change = other.begin({ tenant: 'a' })
    change.delete('notes', 'a')
    change.set('notes', 'd', { n: 3 }, 'me')
    await change.commit()
    tx.delete('notes', 'b')
    tx.set('notes', 'c', { n: 9 }, 'you')
    tx.set('notes', 'e', { n: 4 }, 'you')
    expect(await ids(['e', 'd', 'c', 'b', 'a', 'c', 'e'])).toEqual(['a', 'c', 'e'])
    for (const id of ['c', 'e']) expect(await tx.getAll('notes', [id])).toEqual([await tx.get('notes', id)])
    expect(await tx.getAll('notes', [])).toEqual([])
    expect(await tx.getAll('nothing', ['a'])).toEqual([])
    await expect(tx.getAll('notes', ['fine', ''])).rejects.toThrow(DocumentInvalid)
    await expect(tx.getAll('No', ['x'])).rejects.toThrow(DocumentInvalid)
    await expect(tx.getAll('notes', [...many, 'x'])).rejects.toThrow(DocumentInvalid)

    for (const wanted of [['c', 'absent'], ['absent']]) {
      const guarded = tables.begin({ tenant: 'a', isolation: 'serializable' })
      await guarded.getAll('notes', wanted)
      guarded.set('marks', 'x', 1, 'me')
      await put(other, 'a', 'notes', 'absent', 1)
      expect(await guarded.commit()).toMatchObject({ state: 'aborted', why: 'conflict', id: 'absent' })
    }
  })

  it('refuses under serializable what overtook the rows of the owner that were read, and of nobody else', async () => {
    const { tables, open } = await start()
    const other = await open()
    await tables.prepare('a', [shape])
    const queries: readonly Query[] = [
      { owner: 'me' },
      { owner: 'me', listed: 'desc', limit: 1 },
      { owner: 'me', where: { n: { gte: 0 } } },
    ]
    for (const query of queries) {
      for (const [id, owner] of [
        ['mine', 'me'],
        ['theirs', 'you'],
      ] as const) {
        const clean = other.begin({ tenant: 'a' })
        for (const made of ['mine', 'theirs', 'new']) clean.delete('notes', made)
        await clean.commit()
        await putAll(other, [
          ['mine', 'me'],
          ['theirs', 'you'],
        ])
        for (const change of ['update', 'insert', 'delete']) {
          const tx = tables.begin({ tenant: 'a', isolation: 'serializable' })
          await tx.query('notes', query)
          tx.set('marks', 'x', 1, 'me')
          const writer = other.begin({ tenant: 'a' })
          if (change === 'update') writer.set('notes', id, { n: 1 }, owner)
          else if (change === 'insert') writer.set('notes', 'new', { n: 1 }, owner)
          else writer.delete('notes', id)
          await writer.commit()
          const hit = change === 'insert' ? 'new' : id
          expect(await tx.commit()).toMatchObject(
            owner === 'me' ? { state: 'aborted', why: 'conflict', id: hit } : { state: 'committed' },
          )
        }
      }
    }
  })

  it('refuses what is no list, and the cursor of another', async () => {
    const { tables } = await start()
    await tables.prepare('a', [shape])
    await putAll(tables, [
      ['a', 'me'],
      ['b', 'me'],
      ['c', 'you'],
    ])
    const wrong: unknown[] = [
      { listed: 'asc', where: { n: 1 } },
      { listed: 'asc', orderBy: { field: 'n' } },
      { listed: 'up' },
      { owner: 'a\u0000' },
      { owner: '\ud800' },
    ]
    for (const query of wrong) {
      await expect(tables.begin({ tenant: 'a' }).query('notes', query as Query)).rejects.toThrow(
        DocumentInvalid,
      )
    }
    const queries: readonly Query[] = [
      { listed: 'asc' },
      { listed: 'desc' },
      { listed: 'asc', owner: 'me' },
      { owner: 'me' },
      { owner: 'you' },
      {},
      { orderBy: { field: 'n' } },
    ]
    for (const one of queries) {
      const { cursor } = await tables.begin({ tenant: 'a' }).query('notes', { ...one, limit: 1 })
      for (const other of queries) {
        if (other === one || cursor === undefined) continue
        const tx = tables.begin({ tenant: 'a' })
        await expect(tx.query('notes', { ...other, cursor })).rejects.toThrow(CursorInvalid)
      }
    }
    const { cursor = '' } = await tables.begin({ tenant: 'a' }).query('notes', { listed: 'asc', limit: 1 })
    const said = Buffer.from(cursor, 'base64url').toString('utf8')
    expect(said).toContain('"0000000000001024"')
    for (const order of ['x', '', "0'; drop table heads", '000000000000102', '00000000000010244']) {
      const broken = Buffer.from(said.replace('0000000000001024', order)).toString('base64url')
      const tx = tables.begin({ tenant: 'a' })
      await expect(tx.query('notes', { listed: 'asc', cursor: broken })).rejects.toThrow(CursorInvalid)
    }
    const last = Buffer.from(said.replace('0000000000001024', '9999999999999999')).toString('base64url')
    expect(await idsOf(tables.begin({ tenant: 'a' }), { listed: 'asc', cursor: last })).toEqual([])
  })

  it('says of a document whether conditions meet it, as a query would find it', async () => {
    const { tables } = await start()
    const docs = [
      { n: 1, by: { name: 'x' } },
      { n: '1' },
      { n: null },
      {},
      { n: [1] },
      'text',
      null,
      { n: -0 },
    ]
    const wheres: readonly NonNullable<Query['where']>[] = [
      {},
      { n: 1 },
      { n: null },
      { n: { gte: 0, lt: 2 } },
      { n: { in: ['1', 0] } },
      { n: { ne: 1 } },
      { n: { prefix: '' } },
      { n: { gte: null }, 'by.name': 'x' },
    ]
    await tables.prepare('a', [{ name: 'notes', indexes: [{ fields: ['n'] }] }])
    const tx = tables.begin({ tenant: 'a' })
    for (const [n, data] of docs.entries()) tx.set('notes', `${n}`, data, 'me')
    await tx.commit()
    for (const where of wheres) {
      const expected = docs.flatMap((data, n) => (tables.meets(data, where) ? [`${n}`] : []))
      const query = { where: { ...where, ...('n' in where ? {} : { n: { gte: null } }) } }
      if (where.n === undefined || !isNe(where.n)) {
        expect((await idsOf(tables.begin({ tenant: 'a' }), query)).sort()).toEqual(expected)
      }
    }
    expect(docs.map((data) => tables.meets(data, { n: { ne: 1 } }))).toEqual(docs.map((_, n) => n !== 0))
    expect(() => tables.meets({}, { 'a..b': 1 })).toThrow(DocumentInvalid)
  })
}

const isNe = (condition: unknown) =>
  condition !== null && typeof condition === 'object' && Object.hasOwn(condition, 'ne')
