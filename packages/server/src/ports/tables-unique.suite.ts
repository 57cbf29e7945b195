import { expect, it } from 'vitest'
import type { StartTables } from './tables.suite.ts'
import { DocumentInvalid, type Json, NotUnique, type TableShape, type Tables } from './tables.ts'
import { idsOf, putAll } from './tables-query.suite.ts'

const people: TableShape = {
  name: 'notes',
  indexes: [
    { fields: ['mail'], unique: true },
    { fields: ['a', 'b'], unique: true },
  ],
}

/** Commits writes together; null deletes. */
async function change(tables: Tables, writes: Readonly<Record<string, Json>>) {
  const tx = tables.begin({ tenant: 'a' })
  for (const [id, data] of Object.entries(writes)) {
    if (data === null) tx.delete('notes', id)
    else tx.set('notes', id, data, 'me')
  }
  return tx.commit()
}

/** The part of the suite about declared tables and unique indexes. */
export function uniqueTests(start: StartTables) {
  it('refuses a second row under a unique key, names it, and leaves no write behind', async () => {
    const { tables, open } = await start()
    const other = await open()
    await tables.prepare('a', [people])
    await putAll(tables, { x: { mail: 'm' } })
    for (const handle of [tables, other]) {
      expect(await change(handle, { fine: { mail: 'n' }, y: { mail: 'm' } })).toEqual({
        state: 'aborted',
        why: 'unique',
        table: 'notes',
        id: 'y',
      })
      expect(await idsOf(handle, {})).toEqual(['x'])
    }
    expect(await change(other, { one: { mail: 'o' }, two: { mail: 'o' } })).toMatchObject({
      why: 'unique',
      id: 'two',
    })
    expect(await change(other, { y: { a: 1, b: 1 }, z: { a: 1, b: 2 } })).toMatchObject({
      state: 'committed',
      number: 2,
    })
    expect(await change(other, { v: { a: 1, b: 2 } })).toMatchObject({ why: 'unique', id: 'v' })
    // Another tenant, and another table of this one, know nothing of it.
    await putAll(tables, { y: { mail: 'm' }, z: { mail: 'm' } }, 'b')
  })

  it('compares neither nothing nor null, no lists, no objects; but types, and long texts to their end', async () => {
    const { tables } = await start()
    await tables.prepare('a', [people])
    const long = 'x'.repeat(5_000)
    const docs = [
      ...[
        {},
        {},
        { mail: null },
        { mail: null },
        { a: 1 },
        { a: 1, b: null },
        { mail: [] },
        { mail: [] },
        1,
        'm',
        [],
      ],
      ...[
        { mail: 1 },
        { mail: '1' },
        { mail: true },
        { mail: 'true' },
        { mail: '' },
        { mail: 'é' },
        { mail: 'e\u0301' },
      ],
      ...[{ mail: long }, { mail: `${long}1` }, { mail: `${long}2` }, { mail: { a: 1 } }, { mail: { a: 1 } }],
    ]
    await putAll(tables, Object.fromEntries(docs.map((data, n) => [`n${n}`, data])))
    for (const mail of [1, '1', true, '', 'é', long, `${long}2`]) {
      expect(await change(tables, { again: { mail } })).toMatchObject({ why: 'unique', id: 'again' })
    }
  })

  it('frees a key when its row is changed or deleted, in the same transaction too', async () => {
    const { tables } = await start()
    await tables.prepare('a', [people])
    await putAll(tables, { x: { mail: 'm' }, y: { mail: 'n' } })
    expect((await change(tables, { x: { mail: 'n' }, y: { mail: 'm' } })).state).toBe('committed')
    expect((await change(tables, { x: { mail: 'n', more: 1 } })).state).toBe('committed')
    expect((await change(tables, { z: { mail: 'n' }, x: null })).state).toBe('committed')
    expect((await change(tables, { x: { mail: 'o' }, y: { mail: 'p' } })).state).toBe('committed')
    expect((await change(tables, { w: { mail: 'm' } })).state).toBe('committed')
    expect(await idsOf(tables, { where: { mail: { gte: '' } } })).toEqual(['w', 'z', 'x', 'y'])
  })

  it('lets exactly one of many win a key', async () => {
    const { tables, open } = await start()
    const handles = [tables, await open()]
    await tables.prepare('a', [people])
    for (let round = 0; round < 5; round += 1) {
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, (_, n) => {
          const handle = handles[n % 2] ?? tables
          return change(handle, { [`${round} ${n}`]: { mail: `m${round}` } })
        }),
      )
      expect(outcomes.filter((one) => one.state === 'committed')).toHaveLength(1)
      expect(outcomes.filter((one) => one.state === 'aborted' && one.why === 'unique')).toHaveLength(9)
      expect(await idsOf(tables, { where: { mail: `m${round}` } })).toHaveLength(1)
    }
  })

  it('declares again without harm, at once from two, and adds what is new', async () => {
    const { tables, open } = await start()
    const other = await open()
    await putAll(tables, { x: { mail: 'm', size: 2 }, y: { size: 1 }, z: { size: 1 } })
    await Promise.all([tables, other, tables, other].map((handle) => handle.prepare('a', [people])))
    await tables.prepare('a', [people, { name: 'empty', indexes: [] }])
    await other.prepare('a', [{ name: 'notes', indexes: [{ fields: ['size'] }, { fields: ['size'] }] }])
    for (const handle of [tables, other]) {
      expect(await idsOf(handle, { where: { size: 1 } })).toEqual(['y', 'z'])
      expect(await idsOf(handle, { where: { mail: 'm' } })).toEqual(['x'])
      expect(await change(handle, { y: { mail: 'm' } })).toMatchObject({ why: 'unique', id: 'y' })
    }
    // What was declared unique stays so.
    await other.prepare('a', [{ name: 'notes', indexes: [{ fields: ['mail'] }] }])
    expect(await change(other, { y: { mail: 'm' } })).toMatchObject({ why: 'unique', id: 'y' })
  })

  it('refuses a unique index over rows that clash, and declares nothing then', async () => {
    const { tables } = await start()
    await putAll(tables, { x: { mail: 'm' }, y: { mail: 'm' }, z: { mail: 'n' }, v: {}, w: {} })
    const shape = {
      name: 'notes',
      indexes: [{ fields: ['size'] }, { fields: ['mail'], unique: true as const }],
    }
    await expect(
      tables.prepare('a', [{ name: 'fine', indexes: [{ fields: ['a'] }] }, shape]),
    ).rejects.toThrow(NotUnique)
    await expect(idsOf(tables, { where: { size: 1 } })).rejects.toThrow()
    await expect(tables.begin({ tenant: 'a' }).query('fine', { where: { a: 1 } })).rejects.toThrow()
    // It may be declared, and be made unique once nothing clashes.
    await tables.prepare('a', [{ name: 'notes', indexes: [{ fields: ['mail'] }] }])
    await expect(tables.prepare('a', [shape])).rejects.toThrow(NotUnique)
    expect((await change(tables, { y: null })).state).toBe('committed')
    await tables.prepare('a', [shape])
    expect(await change(tables, { y: { mail: 'm' } })).toMatchObject({ why: 'unique', id: 'y' })
  })

  it('refuses declarations that no engine takes', async () => {
    const { tables } = await start()
    const shapes: readonly TableShape[] = [
      { name: 'No', indexes: [] },
      { name: 'notes', indexes: [{ fields: [] }] },
      { name: 'notes', indexes: [{ fields: ['a', 'a'] }] },
      { name: 'notes', indexes: [{ fields: ['a', 'b', 'c', 'd', 'e'] }] },
      { name: 'notes', indexes: [{ fields: ['a.'] }] },
      { name: 'notes', indexes: [{ fields: ['a\u0000'] }] },
      { name: 'notes', indexes: Array.from({ length: 17 }, (_, n) => ({ fields: [`f${n}`] })) },
    ]
    for (const shape of shapes) await expect(tables.prepare('a', [shape])).rejects.toThrow(DocumentInvalid)
    await expect(tables.prepare('', [])).rejects.toThrow(DocumentInvalid)
  })

  it('allows phantoms under snapshot, refuses them under serializable', async () => {
    const { tables, open } = await start()
    const other = await open()
    await tables.prepare('a', [people])
    const cases: readonly [Readonly<Record<string, Json>>, string | null][] = [
      [{ new: { mail: 'm1' } }, 'new'],
      [{ x: null }, 'x'],
      [{ x: { mail: 'n' } }, 'x'],
      [{ x: { mail: 'm', more: 1 } }, 'x'],
      [{ y: { mail: 'm2' } }, 'y'],
      [{ y: { mail: 'other' }, new: { mail: 'n1' }, absent: null }, null],
    ]
    for (const isolation of ['snapshot', 'serializable'] as const) {
      for (const [writes, hit] of cases) {
        await change(tables, { x: { mail: 'm' }, y: { mail: 'n0' }, new: null })
        const tx = tables.begin({ tenant: 'a', isolation })
        await tx.query('notes', { where: { mail: { prefix: 'm' } }, limit: 1 })
        expect((await change(other, writes)).state).toBe('committed')
        // A version that came and went counts as well.
        if (hit === 'new') await change(other, { new: null })
        tx.set('marks', 'x', 1, 'me')
        const expected =
          isolation === 'snapshot' || hit === null
            ? { state: 'committed' }
            : { state: 'aborted', why: 'conflict', table: 'notes', id: hit }
        expect(await tx.commit()).toMatchObject(expected)
      }
    }
  })

  it('refuses under serializable what any row of a table read whole has overtaken', async () => {
    const { tables } = await start()
    const tx = tables.begin({ tenant: 'a', isolation: 'serializable' })
    expect((await tx.query('notes', {})).rows).toEqual([])
    await putAll(tables, { x: 1 })
    tx.set('marks', 'x', 1, 'me')
    expect(await tx.commit()).toEqual({ state: 'aborted', why: 'conflict', table: 'notes', id: 'x' })
    const own = tables.begin({ tenant: 'a', isolation: 'serializable' })
    await own.query('notes', {})
    own.set('notes', 'y', 1, 'me')
    expect((await own.commit()).state).toBe('committed')
  })
}
