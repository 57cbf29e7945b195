import { randomUUID } from 'node:crypto'
import type { Context } from '@quarterdeck/sdk/functions'
import { describe, expect, it } from 'vitest'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { codeOf, member, tableIn as on } from '../runtime.test-kit.ts'
import { ann, type Body, bob, deskOf } from './desk.test-kit.ts'

const start = () =>
  deskOf((now) => ({ tables: memoryTables({ now, randomId: randomUUID }), keep: memoryKeep({ now }) }))

describe('ctx.tables', () => {
  it('sets, gets, updates and deletes documents, and reads its own writes', async () => {
    const { act } = start()
    expect(
      await act(ann, async (ctx) => {
        const table = on(ctx, 'tickets')
        await table.set('a', { title: 'A' })
        const seen = await table.get('a')
        const updated = await table.update('a', { state: 'done' })
        const again = await table.get('a')
        return [seen, updated, again, await table.get('b')]
      }),
    ).toEqual([
      { id: 'a', title: 'A', state: 'open' },
      { id: 'a', title: 'A', state: 'done' },
      { id: 'a', title: 'A', state: 'done' },
      null,
    ])
    expect(await act(ann, (ctx) => on(ctx, 'tickets').update('b', { title: 'B' }))).toBe('not_found')
    expect(
      await act(ann, async (ctx) => [
        await on(ctx, 'tickets').delete('a'),
        await on(ctx, 'tickets').delete('a'),
      ]),
    ).toEqual([true, false])
  })

  it('writes over what it read, id and all', async () => {
    const { act } = start()
    await act(ann, (ctx) => on(ctx, 'loose').set('a', { a: 1, more: 'x' }))
    await act(ann, async (ctx) => {
      const before = await on(ctx, 'loose').get('a')
      await on(ctx, 'loose').set('a', { ...before, a: 2 })
    })
    expect(await act(ann, (ctx) => on(ctx, 'loose').get('a'))).toEqual({ id: 'a', a: 2, more: 'x' })
    await act(ann, (ctx) => on(ctx, 'loose').update('a', { more: undefined }))
    expect(await act(ann, (ctx) => on(ctx, 'loose').get('a'))).toEqual({ id: 'a', a: 2 })
  })

  it('is a list: push, pop, shift, in the order of insertion', async () => {
    const { act } = start()
    for (const text of ['1', '2', '3']) await act(ann, (ctx) => on(ctx, 'mine').push({ text }))
    await act(bob, (ctx) => on(ctx, 'mine').push({ text: 'bob' }))
    expect(
      await act(ann, async (ctx) => [
        await on(ctx, 'mine').shift(),
        await on(ctx, 'mine').pop(),
        await on(ctx, 'mine').pop(),
        await on(ctx, 'mine').pop(),
      ]),
    ).toMatchObject([{ text: '1' }, { text: '3' }, { text: '2' }, null])
    expect(await act(bob, (ctx) => on(ctx, 'mine').pop())).toMatchObject({ text: 'bob' })
  })

  it('queries by index, in order, page by page, and walks all rows', async () => {
    const { act } = start()
    await act(ann, async (ctx) => {
      for (let n = 0; n < 600; n += 1)
        await on(ctx, 'tickets').set(`t${n}`, { title: `T${String(n).padStart(3, '0')}` })
    })
    const titles = (rows: readonly Record<string, unknown>[]) => rows.map(({ title }) => title)
    expect(
      await act(ann, async (ctx) => {
        const { query } = on(ctx, 'tickets')
        const where = { state: 'open', title: { gte: 'T100' } }
        const first = await query({ where, orderBy: 'title', limit: 2 })
        const next = await query({ where, orderBy: 'title', limit: 2, cursor: first.cursor ?? '' })
        const last = await query({ where, orderBy: { field: 'title', direction: 'desc' }, limit: 1 })
        let count = 0
        for await (const row of on(ctx, 'tickets')) count += row.state === 'open' ? 1 : 0
        return [titles(first.rows), titles(next.rows), titles(last.rows), count, (await query()).rows.length]
      }),
    ).toEqual([['T100', 'T101'], ['T102', 'T103'], ['T599'], 600, 100])
    const refused = (query: object) => act(ann, (ctx) => on(ctx, 'tickets').query(query))
    expect(await refused({ where: { title: 'T1' } })).toBe('index_required')
    expect(await refused({ limit: 1_001 })).toBe('invalid')
    expect(await refused({ cursor: 'x' })).toBe('invalid')
    expect(await refused({ where: { state: undefined } })).toBe('invalid')
    expect(await refused({ where: { state: { like: 'x' } } })).toBe('invalid')
  })

  it('reads the past, and neither what is ahead nor what is written now', async () => {
    const { act, clock } = start()
    await act(ann, (ctx) => on(ctx, 'mine').set('a', { text: 'old' }))
    const then = new Date(clock.at)
    clock.pass(1_000)
    await act(ann, (ctx) => on(ctx, 'mine').set('a', { text: 'new' }))
    expect(
      await act(ann, async (ctx) => {
        await on(ctx, 'mine').set('a', { text: 'mine' })
        const [past, byThen] = [ctx.tables.at(1), ctx.tables.at(then)]
        const texts: unknown[] = []
        for await (const row of past.mine ?? []) texts.push(row.text)
        return [
          await past.mine?.get('a'),
          (await byThen.mine?.query())?.rows,
          texts,
          'set' in (past.mine ?? {}),
        ]
      }),
    ).toMatchObject([{ text: 'old' }, [{ text: 'old' }], ['old'], false])
    expect(await act(ann, (ctx) => ctx.tables.at(9).mine?.get('a'))).toBe('invalid')
    expect(await act(bob, (ctx) => ctx.tables.at(1).mine?.get('a'))).toBeNull()
  })

  it('has no table that the app has not', async () => {
    const { act } = start()
    expect(await act(ann, (ctx) => Object.keys(ctx.tables).length + Number('storage' in ctx.tables))).toBe(0)
    expect(await act(ann, (ctx) => String(ctx.tables.constructor))).toBe('undefined')
  })
})

describe('documents', () => {
  it('are what the schema says: checked, with defaults, without what it drops', async () => {
    const { act, call } = start()
    await act(ann, (ctx) => on(ctx, 'tickets').set('a', { title: 'A', more: 1 }))
    expect(await act(ann, (ctx) => on(ctx, 'tickets').get('a'))).toEqual({
      id: 'a',
      title: 'A',
      state: 'open',
    })
    expect(await act(ann, (ctx) => on(ctx, 'tickets').push({ title: 5 }))).toBe('document_invalid')
    await expect(call(ann, 'act')).rejects.toMatchObject({ issues: [{ path: ['title'] }] })
    expect(await act(ann, (ctx) => on(ctx, 'tickets').update('a', { state: 'gone' }))).toBe(
      'document_invalid',
    )
    expect(await act(ann, (ctx) => on(ctx, 'tickets').push(5 as never))).toBe('document_invalid')
  })

  it('are JSON that every engine keeps, and ids that it takes', async () => {
    const { act } = start()
    const set = (id: string, doc: Record<string, unknown>) => act(ann, (ctx) => on(ctx, 'loose').set(id, doc))
    for (const value of ['\u0000', '\ud800', Number.NaN, Number.POSITIVE_INFINITY, 'x'.repeat(256 * 1024)])
      expect(await set('a', { value })).toBe('document_invalid')
    for (const id of ['', 'x'.repeat(129), 'a\nb']) expect(await set(id, { a: 1 })).toBe('document_invalid')
    expect(await act(ann, (ctx) => on(ctx, 'loose').get(''))).toBe('invalid')
    expect(await set('a', { a: -0 })).toBeUndefined()
  })

  it('give dates, bigints and bytes back where the schema says so', async () => {
    const { act, tables } = start()
    const doc = { at: new Date('2026-01-02T03:04:05.000Z'), big: 2n ** 70n, bytes: new Uint8Array([1, 255]) }
    const seen: unknown[] = []
    await act(ann, (ctx) => on(ctx, 'rich').set('a', doc))
    await act(ann, async (ctx) => void seen.push(await on(ctx, 'rich').get('a')))
    expect(seen).toEqual([{ id: 'a', ...doc }])
    const row = await tables.begin({ tenant: 't' }).get('rich', 'a')
    expect(row?.data).toEqual({ at: '2026-01-02T03:04:05.000Z', big: String(2n ** 70n), bytes: 'Af8' })
    expect(await act(ann, (ctx) => on(ctx, 'loose').set('a', { more: 5n }))).toBeUndefined()
  })

  it('that the schema of today cannot read are said to be so', async () => {
    const { act, tables } = start()
    await act(ann, () => 1)
    const tx = tables.begin({ tenant: 't' })
    tx.set('tickets', 'odd', { title: 5 }, 'ann')
    tx.set('tickets', 'text', 'text', 'ann')
    tx.set('tickets', 'old', { title: 'old' }, 'ann')
    await tx.commit()
    for (const id of ['odd', 'text'])
      expect(await act(ann, (ctx) => on(ctx, 'tickets').get(id))).toBe('document_shape')
    expect(await act(ann, (ctx) => on(ctx, 'tickets').get('old'))).toMatchObject({ state: 'open' })
  })
})

describe('limits of a transaction', () => {
  it('are 1,000 documents written', async () => {
    const { act } = start()
    const write = (count: number) => async (ctx: Context) => {
      for (let n = 0; n < count; n += 1) await on(ctx, 'mine').set(`m${n % 1_001}`, { text: 'x' })
    }
    expect(await act(ann, write(1_000))).toBeUndefined()
    expect(await act(ann, write(1_001))).toBe('transaction_too_large')
  })

  it('are 4 MiB written', async () => {
    const { act } = start()
    const text = 'x'.repeat(255 * 1024)
    const write = (count: number) => async (ctx: Context) => {
      for (let n = 0; n < count; n += 1) await on(ctx, 'mine').set(`m${n}`, { text })
      await on(ctx, 'mine').set('m0', { text: 'small' })
    }
    expect(await act(ann, write(16))).toBeUndefined()
    expect(await act(ann, write(17))).toBe('transaction_too_large')
  })

  it('are 10,000 rows read', async () => {
    const { act } = start()
    for (let part = 0; part < 2; part += 1)
      await act(ann, async (ctx) => {
        for (let n = 0; n < 1_000; n += 1) await on(ctx, 'mine').push({ text: 'x' })
      })
    const read = (times: number) => async (ctx: Context) => {
      for (let n = 0; n < times; n += 1) await on(ctx, 'mine').query({ limit: 1_000 })
    }
    expect(await act(ann, read(10))).toBeUndefined()
    expect(await act(ann, read(11))).toBe('transaction_too_large')
  })
})

describe('rows of their owner', () => {
  it('exist for nobody else, and cannot be taken', async () => {
    const { act } = start()
    await act(ann, (ctx) => on(ctx, 'mine').set('a', { text: 'ann' }))
    expect(await act(bob, (ctx) => on(ctx, 'mine').get('a'))).toBeNull()
    expect(await act(bob, (ctx) => on(ctx, 'mine').update('a', { text: 'x' }))).toBe('not_found')
    expect(await act(bob, (ctx) => on(ctx, 'mine').delete('a'))).toBe(false)
    expect(await act(bob, (ctx) => on(ctx, 'mine').set('a', { text: 'x' }))).toBe('unique_violation mine')
    expect(await act(bob, (ctx) => on(ctx, 'mine').query({ where: { text: 'ann' } }))).toEqual({ rows: [] })
    expect(await act(ann, (ctx) => on(ctx, 'mine').get('a'))).toMatchObject({ text: 'ann' })
  })

  it('are everybody’s for a function to which the table was lent, and stay their owner’s', async () => {
    const { act } = start()
    await act(ann, (ctx) => on(ctx, 'mine').set('a', { text: 'ann' }))
    const none = member('eve', 'none')
    expect(await act(none, (ctx) => on(ctx, 'mine').get('a'))).toBe('forbidden mine')
    expect(await act(none, (ctx) => on(ctx, 'mine').get('a'), 'lent')).toMatchObject({ text: 'ann' })
    expect(await act(none, (ctx) => on(ctx, 'mine').set('a', { text: 'eve' }), 'lent')).toBeUndefined()
    expect(await act(ann, (ctx) => on(ctx, 'mine').get('a'))).toMatchObject({ text: 'eve' })
    // Lent to be read alone: what bob may write are his own rows, as ever.
    expect(await act(bob, (ctx) => on(ctx, 'mine').get('a'), 'lentReading')).toMatchObject({ text: 'eve' })
    expect(await act(bob, (ctx) => on(ctx, 'mine').set('a', { text: 'bob' }), 'lentReading')).toBe(
      'unique_violation mine',
    )
  })
})

describe('a function that does not write', () => {
  it('is refused whatever it tries to write', async () => {
    const { act } = start()
    await act(ann, (ctx) => on(ctx, 'mine').set('a', { text: 'a' }))
    const tries: Body[] = [
      (ctx) => on(ctx, 'mine').set('a', { text: 'b' }),
      (ctx) => on(ctx, 'mine').update('a', { text: 'b' }),
      (ctx) => on(ctx, 'mine').push({ text: 'b' }),
      (ctx) => on(ctx, 'mine').delete('a'),
      (ctx) => on(ctx, 'mine').pop(),
      (ctx) => on(ctx, 'mine').shift(),
    ]
    for (const attempt of tries) expect(await act(ann, attempt, 'look')).toBe('forbidden mine')
    expect(await act(ann, (ctx) => on(ctx, 'mine').get('a'), 'look')).toMatchObject({ text: 'a' })
  })
})

describe('a fault that a handler catches', () => {
  it('is its own to look at', async () => {
    const { act } = start()
    expect(
      await act(ann, (ctx) =>
        on(ctx, 'tickets')
          .query({ where: { title: 'x' } })
          .catch(codeOf),
      ),
    ).toBe('index_required')
  })
})
