import { randomUUID } from 'node:crypto'
import type { Context } from '@quarterdeck/sdk/functions'
import { describe, expect, it } from 'vitest'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { member, tableIn as on } from '../runtime.test-kit.ts'
import { ann, chief, deskOf } from './desk.test-kit.ts'

const start = () =>
  deskOf((now) => ({ tables: memoryTables({ now, randomId: randomUUID }), keep: memoryKeep({ now }) }))

describe('marked fields', () => {
  async function filled() {
    const started = start()
    await started.act(
      chief,
      (ctx) =>
        on(ctx, 'tickets').set('a', {
          title: 'A',
          cost: 5,
          price: 6,
          vote: 7,
          contact: { name: 'N', phone: '1' },
        }),
      'lent',
    )
    const whole = () => started.act(chief, (ctx) => on(ctx, 'tickets').get('a'), 'lent')
    return { ...started, whole }
  }

  it('are missing where 4 is not held', async () => {
    const { act } = await filled()
    expect(await act(ann, (ctx) => on(ctx, 'tickets').get('a'))).toEqual({
      id: 'a',
      title: 'A',
      state: 'open',
      price: 6,
      contact: { name: 'N' },
    })
    expect(await act(chief, (ctx) => on(ctx, 'tickets').get('a'))).toMatchObject({
      cost: 5,
      contact: { phone: '1' },
    })
  })

  it('are kept by who does not see or may not change them', async () => {
    const { act, whole } = await filled()
    await act(ann, (ctx) => on(ctx, 'tickets').set('a', { title: 'B', contact: { name: 'M' } }))
    expect(await whole()).toMatchObject({
      title: 'B',
      cost: 5,
      price: 6,
      vote: 7,
      contact: { name: 'M', phone: '1' },
    })
    await act(ann, (ctx) => on(ctx, 'tickets').set('a', { title: 'C' }))
    const contact = { name: 'M', phone: '1' }
    expect(await whole()).toMatchObject({ title: 'C', cost: 5, price: 6, vote: 7, contact })
    await act(ann, (ctx) => on(ctx, 'tickets').update('a', { title: 'D', contact: undefined }))
    expect(await whole()).toMatchObject({ title: 'D', cost: 5, price: 6, vote: 7, contact })
    expect(await act(chief, (ctx) => on(ctx, 'tickets').set('a', { title: 'E' }))).toBeUndefined()
    expect(await whole()).toEqual({ id: 'a', title: 'E', state: 'open', price: 6, vote: 7 })
  })

  it('are changed with 2 alone', async () => {
    const { act, whole } = await filled()
    const set = (doc: object) => act(ann, (ctx) => on(ctx, 'tickets').set('a', { title: 'A', ...doc }))
    const update = (doc: object) => act(ann, (ctx) => on(ctx, 'tickets').update('a', { ...doc }))
    expect(await set({ cost: 5 })).toBe('field_forbidden cost')
    expect(await update({ cost: undefined })).toBe('field_forbidden cost')
    expect(await set({ price: 9 })).toBe('field_forbidden price')
    expect(await set({ price: 6 })).toBeUndefined()
    expect(await set({ contact: { name: 'N', phone: '2' } })).toBe('field_forbidden contact.phone')
    expect(await update({ contact: { name: 'N', phone: '1' } })).toBe('field_forbidden contact.phone')
    expect(await act(ann, (ctx) => on(ctx, 'tickets').push({ title: 'A', cost: 1 }))).toBe(
      'field_forbidden cost',
    )
    expect(await update({ vote: 8 })).toEqual({
      ...{ id: 'a', title: 'A', state: 'open', price: 6 },
      contact: { name: 'N' },
    })
    expect(await whole()).toMatchObject({ cost: 5, price: 6, vote: 8 })
    await update({ vote: undefined })
    expect(await whole()).not.toHaveProperty('vote')
  })

  it('neither filter nor order where 4 is not held', async () => {
    const { act } = await filled()
    const query = (caller: typeof ann, query: object) => act(caller, (ctx) => on(ctx, 'tickets').query(query))
    expect(await query(ann, { where: { cost: 5 } })).toBe('field_forbidden cost')
    expect(await query(ann, { where: { state: 'open', cost: { gt: 1 } } })).toBe('field_forbidden cost')
    expect(await query(ann, { orderBy: 'cost' })).toBe('field_forbidden cost')
    expect(await query(ann, { orderBy: { field: 'contact.phone' } })).toBe('field_forbidden contact.phone')
    expect(await query(ann, { where: { contact: null } })).toBe('field_forbidden contact.phone')
    expect(await query(chief, { where: { cost: 5 } })).toMatchObject({ rows: [{ cost: 5 }] })
    expect(await query(chief, { orderBy: 'contact.phone' })).toMatchObject({ rows: [{ id: 'a' }] })
  })

  it('order nothing that is shown without them, and stand in no cursor', async () => {
    const { act } = start()
    for (const sum of [3, 1, 2]) await act(ann, (ctx) => on(ctx, 'bids').push({ lot: 'a', sum }))
    const query = (ctx: Context) => on(ctx, 'bids').query({ where: { lot: 'a' }, limit: 2 })
    expect(await act(chief, query)).toMatchObject({
      rows: [{ sum: 1 }, { sum: 2 }],
      cursor: expect.any(String),
    })
    expect(await act(ann, query)).toBe('index_required')
    const { cursor } = (await act(chief, query)) as { cursor: string }
    expect(await act(ann, (ctx) => on(ctx, 'bids').query({ where: { lot: 'a' }, limit: 2, cursor }))).toBe(
      'invalid',
    )
  })

  it('are shown to nobody who only writes', async () => {
    const { act } = await filled()
    const writer = member('w', 'writer')
    expect(await act(writer, (ctx) => on(ctx, 'tickets').update('a', { title: 'W' }))).toEqual({
      id: 'a',
      title: 'W',
    })
  })
})
