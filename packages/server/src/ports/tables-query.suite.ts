import { expect, it } from 'vitest'
import { numberOf, type StartTables } from './tables.suite.ts'
import {
  CursorInvalid,
  DocumentInvalid,
  IndexRequired,
  type Json,
  type Query,
  type Tables,
} from './tables.ts'

const shape = {
  name: 'notes',
  indexes: [{ fields: ['state', 'title'] }, { fields: ['by.name'] }, { fields: ['size'] }],
}

/** Commits documents under their ids, together. */
export async function putAll(tables: Tables, docs: Readonly<Record<string, Json>>, tenant = 'a') {
  const tx = tables.begin({ tenant })
  for (const [id, data] of Object.entries(docs)) tx.set('notes', id, data, 'me')
  return numberOf(await tx.commit())
}

/** The ids that a new transaction finds. */
export async function idsOf(tables: Tables, query: Query, tenant = 'a') {
  const { rows } = await tables.begin({ tenant }).query('notes', query)
  return rows.map((row) => row.id)
}

/** The part of the suite about queries. */
export function queryTests(start: StartTables) {
  it('finds rows by an index, in its order, and without one by id', async () => {
    const { tables, open } = await start()
    await tables.prepare('a', [shape])
    await putAll(tables, {
      d: { state: 'open', title: 'b' },
      c: { state: 'open', title: 'c', by: { name: 'x' } },
      b: { state: 'done', title: 'a', by: { name: 'y' } },
      a: { state: 'open', title: 'b', size: 3 },
    })
    for (const handle of [tables, await open()]) {
      expect(await idsOf(handle, {})).toEqual(['a', 'b', 'c', 'd'])
      expect(await idsOf(handle, { where: {} })).toEqual(['a', 'b', 'c', 'd'])
      expect(await idsOf(handle, { where: { state: 'open' } })).toEqual(['a', 'd', 'c'])
      expect(await idsOf(handle, { where: { state: { eq: 'open' } } })).toEqual(['a', 'd', 'c'])
      expect(await idsOf(handle, { where: { state: 'open', title: { gt: 'b' } } })).toEqual(['c'])
      expect(await idsOf(handle, { where: { state: { in: ['open', 'done'] } } })).toEqual([
        'b',
        'a',
        'd',
        'c',
      ])
      expect(await idsOf(handle, { where: { state: { in: [] } } })).toEqual([])
      expect(await idsOf(handle, { where: { state: { prefix: 'do' } } })).toEqual(['b'])
      expect(await idsOf(handle, { where: { 'by.name': 'y' } })).toEqual(['b'])
      expect(await idsOf(handle, { where: { 'by.name': null } })).toEqual(['a', 'd'])
      expect(await idsOf(handle, { where: { state: 'open', size: { ne: 3 } } })).toEqual(['d', 'c'])
      expect(await idsOf(handle, { orderBy: { field: 'state' }, limit: 2 })).toEqual(['b', 'a'])
      const newest: Query = { where: { state: 'open' }, orderBy: { field: 'title', direction: 'desc' } }
      expect(await idsOf(handle, newest)).toEqual(['c', 'd', 'a'])
    }
    expect(await idsOf(tables, {}, 'b')).toEqual([])
    await expect(idsOf(tables, { where: { state: 'open' } }, 'b')).rejects.toThrow(IndexRequired)
  })

  it('gives whole rows', async () => {
    const { tables } = await start()
    await tables.prepare('a', [shape])
    await putAll(tables, { x: { state: 'open' } })
    await putAll(tables, { y: 1, x: { state: 'done' } })
    const tx = tables.begin({ tenant: 'a' })
    const { rows, ...rest } = await tx.query('notes', { where: { state: 'done' } })
    expect(rest).toEqual({})
    expect(rows).toEqual([{ id: 'x', data: { state: 'done' }, owner: 'me', txid: 2, order: 1024 }])
    expect(await tx.snapshot()).toBe(2)
    tx.set('notes', 'x', { state: 'done', n: 1 }, 'you')
    tx.delete('notes', 'y')
    tx.set('notes', 'y', { state: 'done' }, 'you')
    tx.set('notes', 'z', { state: 'done' }, 'you')
    const own = (await tx.query('notes', { where: { state: 'done' } })).rows
    expect(own).toEqual([await tx.get('notes', 'x'), await tx.get('notes', 'y'), await tx.get('notes', 'z')])
    expect(own.map(({ owner, txid, order }) => [owner, txid, order])).toEqual([
      ['me', 3, 1024],
      ['you', 3, 3 * 1024 + 2],
      ['you', 3, 3 * 1024 + 3],
    ])
  })

  it('asks for an index where none serves', async () => {
    const { tables } = await start()
    await tables.prepare('a', [shape])
    await putAll(tables, { a: { state: 'open' } })
    for (const query of [
      { where: { title: 'b' } },
      { where: { state: { ne: 'open' } } },
      { where: { state: 'open' }, orderBy: { field: 'size' } },
      { where: { title: 'b' }, orderBy: { field: 'state' } },
      { orderBy: { field: 'title' } },
      { orderBy: { field: 'id' } },
      { where: { 'state.x': 'open' } },
      { where: { '"; drop table heads; --': 1 } },
    ] satisfies Query[]) {
      await expect(tables.begin({ tenant: 'a' }).query('notes', query)).rejects.toThrow(IndexRequired)
    }
    await expect(tables.begin({ tenant: 'a' }).query('others', { where: { state: 1 } })).rejects.toThrow(
      IndexRequired,
    )
    expect((await tables.begin({ tenant: 'a' }).query('others', {})).rows).toEqual([])
  })

  it('refuses what is no query', async () => {
    const { tables } = await start()
    await tables.prepare('a', [shape])
    const unknown: unknown[] = [
      { limit: 0 },
      { limit: 1_001 },
      { limit: 1.5 },
      { where: { '': 1 } },
      { where: { 'a..b': 1 } },
      { where: { 'a\u0000': 1 } },
      { where: { state: 'a\u0000' } },
      { where: { state: '\ud800' } },
      { where: { state: Number.NaN } },
      { where: { state: {} } },
      { where: { state: { eq: undefined } } },
      { where: { state: undefined } },
      { where: { state: { eq: {} } } },
      { where: { state: { like: 'a' } } },
      { where: { state: { prefix: 1 } } },
      { where: { state: { in: 'open' } } },
      { where: { state: { in: Array.from({ length: 101 }, () => 1) } } },
      { where: 'state' },
      { where: ['state'] },
      { where: null },
      { orderBy: { field: '' } },
      { orderBy: { field: 1 } },
      { orderBy: { field: 'state', direction: 'up' } },
      { orderBy: ['state'] },
      { orderBy: null },
    ]
    for (const query of unknown) {
      await expect(tables.begin({ tenant: 'a' }).query('notes', query as Query)).rejects.toThrow(
        DocumentInvalid,
      )
    }
    await expect(tables.begin({ tenant: 'a' }).query('No', {})).rejects.toThrow(DocumentInvalid)
  })

  it('lets SQL in values, fields and ids reach no statement', async () => {
    const { tables } = await start()
    const odd = ["'", '"', "'; drop table heads; --", '\\', "\\'", '$1', '%', '_', '?1', ':a', 'a"b', '{a}']
    await tables.prepare('a', [{ name: 'notes', indexes: odd.map((field) => ({ fields: [field] })) }])
    for (const [n, field] of odd.entries()) {
      await putAll(tables, { [`${field} ${n}`]: { [field]: field } })
      for (const condition of [field, { prefix: field }, { in: [field] }, { gte: field, lte: field }]) {
        expect(await idsOf(tables, { where: { [field]: condition } })).toEqual([`${field} ${n}`])
      }
      const other = { [field]: field, [`${field}x`]: null, [odd[(n + 1) % odd.length] ?? '']: { ne: field } }
      expect(await idsOf(tables, { where: other })).toEqual([`${field} ${n}`])
    }
    expect(await tables.begin({ tenant: 'a' }).snapshot()).toBe(odd.length)
  })

  it('shows rows of the snapshot alone, also those that were changed, moved and deleted since', async () => {
    const { tables, open } = await start()
    const other = await open()
    await tables.prepare('a', [shape])
    await putAll(tables, {
      same: { state: 'open', title: 'a' },
      moved: { state: 'open', title: 'b' },
      left: { state: 'open', title: 'c' },
      gone: { state: 'open', title: 'd' },
      came: { state: 'done', title: 'e' },
    })
    const tx = tables.begin({ tenant: 'a' })
    const all = async () => [
      await tx.query('notes', { where: { state: 'open' } }),
      await tx.query('notes', { where: { state: 'done' } }),
      await tx.query('notes', { limit: 3 }),
      await tx.query('notes', { where: { state: 'open', size: { ne: 1 } }, limit: 2 }),
    ]
    const before = await all()
    expect(before[0]?.rows.map((row) => row.id)).toEqual(['same', 'moved', 'left', 'gone'])
    for (let round = 0; round < 4; round += 1) {
      const change = other.begin({ tenant: 'a' })
      change.set('notes', 'moved', { state: 'open', title: `${round}` }, 'me')
      change.set('notes', 'left', { state: `left ${round}` }, 'me')
      change.set('notes', 'came', { state: 'open', title: 'a' }, 'me')
      change.set('notes', `new ${round}`, { state: 'open', title: 'a' }, 'me')
      if (round % 2 === 0) change.delete('notes', 'gone')
      else change.set('notes', 'gone', { state: 'open', title: 'd' }, 'me')
      numberOf(await change.commit())
      expect(await all()).toEqual(before)
    }
    expect(await idsOf(tables, { where: { state: 'open' } })).toEqual([
      'moved',
      ...['came', 'new 0', 'new 1', 'new 2', 'new 3', 'same'],
      'gone',
    ])
    // An index made since knows the old versions too.
    await other.prepare('a', [{ name: 'notes', indexes: [{ fields: ['title'] }] }])
    const { rows } = await tx.query('notes', { where: { title: { gte: 'b' } } })
    expect(rows.map((row) => row.id)).toEqual(['moved', 'left', 'gone', 'came'])
  })

  it('goes on where a page ended, at the snapshot of the first, in any transaction', async () => {
    const { tables, open } = await start()
    const other = await open()
    await tables.prepare('a', [shape])
    await putAll(tables, Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((id) => [id, { state: 'open' }])))
    const query: Query = { where: { state: 'open' }, limit: 2 }
    const first = await tables.begin({ tenant: 'a' }).query('notes', query)
    expect(first.rows.map((row) => row.id)).toEqual(['a', 'b'])
    const { cursor = '' } = first
    const change = other.begin({ tenant: 'a' })
    change.delete('notes', 'c')
    change.set('notes', 'bb', { state: 'open' }, 'me')
    await change.commit()
    const again = other.begin({ tenant: 'a' })
    const second = await again.query('notes', { ...query, cursor })
    expect(second.rows.map((row) => row.id)).toEqual(['c', 'd'])
    expect(await again.snapshot()).toBe(1)
    // One that reads the present already goes back for this page alone, and may not write over what it saw there.
    const present = tables.begin({ tenant: 'a' })
    expect(await present.get('notes', 'c')).toBeNull()
    const third = await present.query('notes', { ...query, cursor, limit: 10 })
    expect(third.rows.map((row) => row.id)).toEqual(['c', 'd', 'e'])
    expect(third.cursor).toBeUndefined()
    expect(await present.get('notes', 'bb')).not.toBeNull()
    present.set('notes', 'c', 1, 'me')
    expect(await present.commit()).toEqual({ state: 'aborted', why: 'conflict', table: 'notes', id: 'c' })
  })

  it('refuses a cursor that is broken, of another query, or of a snapshot that is not there yet', async () => {
    const { tables } = await start()
    await tables.prepare('a', [shape])
    for (const tenant of ['a', 'b']) {
      await putAll(tables, { a: { state: 'open' }, b: { state: 'open' }, c: { state: 'open' } }, tenant)
    }
    await putAll(tables, { d: { state: 'open' } })
    const query: Query = { where: { state: 'open' }, limit: 1 }
    const { cursor = '' } = await tables.begin({ tenant: 'a' }).query('notes', query)
    const others: Query[] = [
      { where: { state: 'done' } },
      { where: { state: 'open', size: null } },
      { orderBy: { field: 'state' } },
      { ...query, orderBy: { field: 'title' } },
      { ...query, orderBy: { field: 'title', direction: 'desc' } },
      {},
    ]
    for (const other of others) {
      const tx = tables.begin({ tenant: 'a' })
      await expect(tx.query('notes', { ...other, cursor })).rejects.toThrow(CursorInvalid)
    }
    for (const broken of [
      '',
      'x',
      'null',
      cursor.slice(3),
      'W10',
      Buffer.from('{"a":1}').toString('base64url'),
    ]) {
      const tx = tables.begin({ tenant: 'a' })
      await expect(tx.query('notes', { ...query, cursor: broken })).rejects.toThrow(CursorInvalid)
    }
    await tables.prepare('b', [shape])
    await expect(tables.begin({ tenant: 'b' }).query('notes', { ...query, cursor })).rejects.toThrow(
      CursorInvalid,
    )
    await expect(tables.begin({ tenant: 'a' }).query('others', { ...query, cursor })).rejects.toThrow(
      CursorInvalid,
    )
    // What it was found by may be written otherwise, and the page be of another size.
    const same: Query = { where: { state: { eq: 'open' } }, limit: 100, cursor }
    expect((await tables.begin({ tenant: 'a' }).query('notes', same)).rows).toHaveLength(3)
  })

  it('keeps to the index of the first page when a better one is declared', async () => {
    const { tables } = await start()
    await tables.prepare('a', [shape])
    await putAll(tables, {
      a: { state: 'open', title: 'c' },
      b: { state: 'open', title: 'b' },
      c: { state: 'open' },
    })
    const query: Query = { where: { state: 'open' }, limit: 1 }
    const { rows, cursor = '' } = await tables.begin({ tenant: 'a' }).query('notes', query)
    expect(rows.map((row) => row.id)).toEqual(['c'])
    await tables.prepare('a', [{ name: 'notes', indexes: [{ fields: ['state'] }] }])
    expect(await idsOf(tables, { ...query, cursor, limit: 5 })).toEqual(['b', 'a'])
    expect(await idsOf(tables, { ...query, limit: 5 })).toEqual(['a', 'b', 'c'])
  })

  it('gives 100 rows unless told, and 1,000 at most', async () => {
    const { tables } = await start()
    await putAll(tables, Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`n${n}`, n])))
    const tx = tables.begin({ tenant: 'a' })
    const page = await tx.query('notes', {})
    expect(page.rows).toHaveLength(100)
    expect(page.cursor).toBeDefined()
    const most = await tx.query('notes', { limit: 1_000 })
    expect(most.rows).toHaveLength(1_000)
    const { cursor = '' } = most
    expect(await tx.query('notes', { limit: 1_000, cursor })).toEqual({
      rows: [expect.objectContaining({ id: 'n999' })],
    })
  })
}
