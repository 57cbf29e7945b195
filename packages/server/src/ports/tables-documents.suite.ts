import { expect, it } from 'vitest'
import type { StartTables } from './tables.suite.ts'
import { DocumentInvalid, type Json } from './tables.ts'

const oddIds = [
  ' ',
  "'",
  '"',
  '\\',
  '%',
  '_',
  ';--',
  'é',
  'e\u0301',
  '中',
  '😀',
  '\uffff',
  '__proto__',
  'constructor',
  '$1',
  'null',
  'A',
  'a',
  'x'.repeat(128),
]

const documents: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1.5,
  1e21,
  1e-7,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  Number.MAX_SAFE_INTEGER,
  '',
  'tab\t nl\n quote" back\\ u\u0001 ls\u2028 😀 é',
  [],
  {},
  [[], {}, [null]],
  { '': { ' ': { "'": '"' } }, a: [1, 'two', { three: null }], constructor: 1, 'a.b': 2, é: 3, $: 4 },
]

const invalid: readonly unknown[] = [
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  10n,
  () => 1,
  Symbol('s'),
  new Date(),
  new Map(),
  'a\u0000',
  '\ud800',
  ['\udc00'],
  { 'k\u0000': 1 },
  { '\ud800': 1 },
  { deep: [{ n: Number.NaN }] },
  [undefined],
  new Array(2),
  { toJSON: () => 1 },
  JSON.parse('{"__proto__": 1}'),
  JSON.parse('[{"a": {"__proto__": {}}}]'),
  JSON.parse('['.repeat(129) + ']'.repeat(129)),
  'x'.repeat(256 * 1024 - 1),
  'é'.repeat(128 * 1024),
]

/** The part of the suite about what documents, ids and tables may be. */
export function documentTests(start: StartTables) {
  it('takes odd ids as they are', async () => {
    const { tables } = await start()
    const tx = tables.begin({ tenant: 'a' })
    for (const id of oddIds) tx.set('notes', id, { id }, `of ${id}`)
    await tx.commit()
    const reader = tables.begin({ tenant: 'a', isolation: 'serializable' })
    for (const id of oddIds) {
      expect(await reader.get('notes', id)).toMatchObject({ id, data: { id }, owner: `of ${id}` })
    }
    for (const id of oddIds) reader.delete('notes', id)
    expect((await reader.commit()).state).toBe('committed')
    const after = tables.begin({ tenant: 'a' })
    for (const id of oddIds) expect(await after.get('notes', id)).toBeNull()
  })

  it('gives documents back as they were, as own writes and committed', async () => {
    const { tables } = await start()
    const long = [...documents, 'x'.repeat(256 * 1024 - 2), JSON.parse('['.repeat(128) + ']'.repeat(128))]
    const tx = tables.begin({ tenant: 'a' })
    for (const [n, data] of long.entries()) tx.set('notes', `n${n}`, data, 'me')
    for (const [n, data] of long.entries()) expect((await tx.get('notes', `n${n}`))?.data).toEqual(data)
    await tx.commit()
    const reader = tables.begin({ tenant: 'a' })
    for (const [n, data] of long.entries()) expect((await reader.get('notes', `n${n}`))?.data).toEqual(data)
  })

  it('makes 0 of -0, and leaves out keys without a value', async () => {
    const { tables } = await start()
    const tx = tables.begin({ tenant: 'a' })
    const gap: unknown = { there: -0, gone: undefined }
    tx.set('notes', 'x', JSON.parse('-0'), 'me')
    tx.set('notes', 'y', gap as Json, 'me')
    const own = [(await tx.get('notes', 'x'))?.data, (await tx.get('notes', 'y'))?.data]
    await tx.commit()
    const after = tables.begin({ tenant: 'a' })
    const stored = [(await after.get('notes', 'x'))?.data, (await after.get('notes', 'y'))?.data]
    for (const [x, y] of [own, stored]) {
      expect(Object.is(x, 0)).toBe(true)
      expect(y).toStrictEqual({ there: 0 })
    }
  })

  it('refuses at once what cannot be stored, and goes on', async () => {
    const { tables } = await start()
    const tx = tables.begin({ tenant: 'a' })
    for (const data of invalid)
      expect(() => tx.set('notes', 'x', data as Json, 'me')).toThrow(DocumentInvalid)
    for (const id of ['', 'x'.repeat(129), 'a\nb', 'a\u0000', 'a\u007f', 'a\u0085', '\ud800']) {
      expect(() => tx.set('notes', id, 1, 'me')).toThrow(DocumentInvalid)
      expect(() => tx.delete('notes', id)).toThrow(DocumentInvalid)
      await expect(tx.get('notes', id)).rejects.toThrow(DocumentInvalid)
    }
    for (const table of [
      '',
      'Notes',
      '1notes',
      '_notes',
      'no-tes',
      'no tes',
      'nötes',
      `n${'o'.repeat(40)}`,
      'a;b',
      '"',
    ]) {
      expect(() => tx.set(table, 'x', 1, 'me')).toThrow(DocumentInvalid)
      expect(() => tx.delete(table, 'x')).toThrow(DocumentInvalid)
      await expect(tx.get(table, 'x')).rejects.toThrow(DocumentInvalid)
    }
    for (const owner of ['a\u0000', '\ud800']) {
      expect(() => tx.set('notes', 'x', 1, owner)).toThrow(DocumentInvalid)
    }
    for (const tenant of ['', 'a\u0000', '\ud800']) {
      expect(() => tables.begin({ tenant })).toThrow(DocumentInvalid)
    }
    const longest = `n${'o'.repeat(39)}`
    tx.set(longest, 'x', 1, '')
    expect(await tx.commit()).toMatchObject({ state: 'committed', number: 1 })
    const after = tables.begin({ tenant: 'a' })
    expect(await after.get(longest, 'x')).toMatchObject({ data: 1, owner: '' })
    expect(await after.get('notes', 'x')).toBeNull()
  })

  it('keeps a copy: what is done to a document later changes nothing', async () => {
    const { tables } = await start()
    const tx = tables.begin({ tenant: 'a' })
    const data = { list: [1] }
    tx.set('notes', 'x', data, 'me')
    data.list.push(2)
    const own = (await tx.get('notes', 'x'))?.data as typeof data
    expect(own).toEqual({ list: [1] })
    own.list.push(3)
    await tx.commit()
    const reader = tables.begin({ tenant: 'a' })
    const read = (await reader.get('notes', 'x'))?.data as typeof data
    read.list.push(4)
    expect((await reader.get('notes', 'x'))?.data).toEqual({ list: [1] })
  })
}
