import type { Actor } from '@quarterdeck/sdk/actor'
import { functions as contract } from '@quarterdeck/sdk/contract/functions'
import { backend } from '@quarterdeck/sdk/functions'
import { masked } from '@quarterdeck/sdk/functions/masked'
import { perms } from '@quarterdeck/sdk/functions/perms'
import { table } from '@quarterdeck/sdk/functions/table'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { fromHere, parse } from '../../../core/perform.ts'
import type { Json, Tables } from '../../../ports/tables.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { type CallLog, noRates } from '../calls-log/call-log.ts'
import type { LoadedApp } from '../loaded-app.ts'
import { shapesOf } from '../tables/table-shapes.ts'
import { viewHandlers } from './view-handlers.ts'

const app = loadedAppOf({
  tables: [
    table('tickets', {
      schema: z.object({
        title: z.string(),
        state: z.string().optional(),
        cost: masked(z.number().optional(), 0, { lead: perms.RW_ }),
        pay: masked(z.object({ amount: z.number() }).optional(), 0, { lead: perms.RW_ }),
        seen: masked(z.string().optional(), 0, { operators: perms.R__ }),
      }),
      rows: 'own',
      permissions: 6,
      indexes: {
        byState: { on: ['state', 'title'] },
        byCost: { on: ['cost'] },
        byPay: { on: ['pay.amount'] },
        byTitle: { on: ['title', 'cost'] },
      },
    }),
  ],
  functions: {
    board: backend({ perm: perms.R__ }, () => undefined),
    sweep: backend({ perm: perms._W_, cron: '* * * * *' }, () => undefined),
  },
})

const operator = (tenant = 'acme'): Actor => ({
  tenant,
  principal: 'olga',
  class: 'operator',
  permissions: ['functions:*'],
  credential: 'c',
})

let clock: number
let tables: Tables
let forgotten: string[]
beforeEach(async () => {
  clock = Date.parse('2026-11-21T12:00:00Z')
  forgotten = []
  let ids = 0
  tables = memoryTables({
    now: () => clock,
    randomId: () => {
      ids += 1
      return `id-${String(ids).padStart(4, '0')}`
    },
  })
  await tables.prepare('acme', shapesOf(app.manifest))
})

const broken = new Map([['sweep', 'it does not parse']])
const rated = { calls: 4, rate: 0.1, p50: 5, p95: 9, errorShare: 0.25 }
const callLog: Pick<CallLog, 'rates' | 'calls'> = {
  rates: async (tenant) => new Map(tenant === 'acme' ? [['board', rated]] : []),
  calls: async (_, fn, { limit }) => ({ items: [], nextCursor: `${fn} ${limit}` }),
}

function views(given: LoadedApp | null = app) {
  const { handlers, showing } = viewHandlers({
    app: () => given,
    tables,
    callLog,
    broken: (fn) => broken.get(fn) ?? null,
    prepared: async () => undefined,
    forget: (tenant) => void forgotten.push(tenant),
  })
  /** Performs one, its input parsed and its answer checked as the door and the contract would. */
  async function ask<Verb extends keyof typeof handlers>(verb: Verb, input: unknown, actor = operator()) {
    const operation = contract[verb]
    const call = {
      actor,
      input: parse(operation.input, input),
      requestId: 'r',
      signal: new AbortController().signal,
      from: fromHere,
      reply: {},
    }
    const answer = await (handlers[verb] as (call: unknown) => Promise<unknown>)(call)
    return parse(operation.output, answer) as z.output<(typeof contract)[Verb]['output']>
  }
  return { ask, showing }
}

async function write(
  rows: Record<string, Json | null>,
  owner = 'ann',
  principal = owner,
): Promise<number | null> {
  const tx = tables.begin({ tenant: 'acme' })
  for (const [id, data] of Object.entries(rows))
    if (data === null) tx.delete('tickets', id)
    else tx.set('tickets', id, data, owner)
  clock += 1_000
  const outcome = await tx.commit({ principal, function: 'openTicket' })
  return outcome.state === 'committed' ? outcome.number : null
}

describe('the functions, as operators see them', () => {
  it('are listed with how they did, and those that could not be loaded with their reason', async () => {
    const { items, digest, failed } = await views().ask('list', {})
    expect(digest).toBe(app.manifest.digest)
    expect(failed).toEqual([])
    expect(items.map(({ name }) => name)).toEqual(['board', 'sweep'])
    expect(items[0]).toMatchObject({ ...rated, broken: null, perm: 4 })
    expect(items[1]).toMatchObject({ ...noRates, broken: 'it does not parse', cron: '* * * * *' })
  })

  it('are shown one by one, with their calls', async () => {
    const { ask } = views()
    expect(await ask('get', { fn: 'board', window: '7d' })).toMatchObject({ name: 'board', ...rated })
    expect(await ask('get', { fn: 'board' }, operator('bolt'))).toMatchObject(noRates)
    expect((await ask('calls', { fn: 'board', limit: 7 })).nextCursor).toBe('board 7')
    for (const verb of ['get', 'calls'] as const)
      await expect(ask(verb, { fn: 'constructor' })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are none without an app', async () => {
    const { ask } = views(null)
    expect(await ask('list', {})).toEqual({ items: [], digest: null, failed: [] })
    expect(await ask('tables', {})).toEqual({ items: [], last: 0 })
    await expect(ask('rows', { table: 'tickets' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(ask('get', { fn: 'board' })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('the rows of a table, as operators see them', () => {
  beforeEach(async () => {
    await write({ a: { title: 'A', state: 'open', cost: 5, pay: { amount: 1 }, seen: 'yes' } }, 'ann')
    await write({ b: { title: 'B', state: 'open' }, c: { title: 'C', state: 'done' } }, 'bob')
  })

  it('are those of all owners, without the fields that operators may not see', async () => {
    const { items, number } = await views().ask('rows', { table: 'tickets' })
    expect(number).toBe(2)
    expect(items.map(({ id, owner, number: at }) => [id, owner, at])).toEqual([
      ['a', 'ann', 1],
      ['b', 'bob', 2],
      ['c', 'bob', 2],
    ])
    expect(items[0]?.data).toEqual({ title: 'A', state: 'open', seen: 'yes' })
  })

  it('are filtered, ordered and paged at one snapshot', async () => {
    const { ask } = views()
    const asked = { table: 'tickets', where: '{"state":"open","title":{"gte":"A"}}', orderBy: 'title:desc' }
    const first = await ask('rows', { ...asked, limit: 1 })
    await write({ aa: { title: 'AA', state: 'open' } })
    const second = await ask('rows', { ...asked, limit: 1, cursor: first.nextCursor })
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['b', 'a'])
    expect([first.number, second.number]).toEqual([2, 2])
    expect((await ask('rows', asked)).items.map(({ id }) => id)).toEqual(['b', 'aa', 'a'])
  })

  it('are those of a commit or an instant, if asked for', async () => {
    const { ask } = views()
    expect(await ask('rows', { table: 'tickets', asOf: '1' })).toMatchObject({
      number: 1,
      items: [{ id: 'a' }],
    })
    const asOf = new Date(clock - 1).toISOString()
    expect((await ask('rows', { table: 'tickets', asOf })).number).toBe(1)
    await expect(ask('rows', { table: 'tickets', asOf: 9 })).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path: ['asOf'] }],
    })
  })

  it('are ordered by nothing that operators may not see, and no cursor says it', async () => {
    await write({ a: { title: 'A', cost: 3 }, b: { title: 'A', cost: 1 } })
    const asked = views().ask('rows', { table: 'tickets', where: '{"title":"A"}', limit: 1 })
    await expect(asked).rejects.toMatchObject({ code: 'index_required' })
  })

  it('are of the tenant of the actor', async () => {
    expect((await views().ask('rows', { table: 'tickets' }, operator('bolt'))).items).toEqual([])
  })

  it.each([
    ['where', '{"cost":5}'],
    ['where', '{"cost":{"gt":1}}'],
    ['where', '{"pay.amount":1}'],
    ['orderBy', 'cost'],
    ['orderBy', 'pay.amount:desc'],
  ])('are not found by a field that is hidden: %s %s', async (name, value) => {
    await expect(views().ask('rows', { table: 'tickets', [name]: value })).rejects.toMatchObject({
      code: 'field_forbidden',
      members: { path: expect.stringMatching(/^(cost|pay)$/) },
    })
  })

  it.each([
    ['{', 'where'],
    ['[]', 'where'],
    ['"x"', 'where'],
    ['{"state":{"like":"x"}}', 'where'],
    ['{"state":["open"]}', 'where'],
    ['{"state":{"in":[]}}', 'where'],
    ['{"":1}', 'where'],
  ])('cannot be asked for by %s', async (where, path) => {
    await expect(views().ask('rows', { table: 'tickets', where })).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path: [path] }],
    })
  })

  it('name what is wrong with an order, a cursor, and conditions without an index', async () => {
    const { ask } = views()
    await expect(ask('rows', { table: 'tickets', orderBy: 'title:down' })).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path: ['orderBy'] }],
    })
    await expect(ask('rows', { table: 'tickets', cursor: 'x' })).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path: ['cursor'] }],
    })
    await expect(ask('rows', { table: 'tickets', where: '{"nowhere":1}' })).rejects.toMatchObject({
      code: 'index_required',
    })
  })

  it('have versions, newest first, masked and paged, deleted ones too', async () => {
    await write({ a: { title: 'A2', cost: 6 } }, 'ann', 'zoe')
    await write({ a: null })
    const { ask } = views()
    const first = await ask('versions', { table: 'tickets', id: 'a', limit: 1 })
    const second = await ask('versions', { table: 'tickets', id: 'a', limit: 1, cursor: first.nextCursor })
    expect(first.items).toEqual([
      {
        number: 3,
        endedBy: 4,
        deleted: { at: new Date(clock).toISOString(), principal: 'ann', function: 'openTicket' },
        at: new Date(clock - 1_000).toISOString(),
        principal: 'zoe',
        function: 'openTicket',
        owner: 'ann',
        data: { title: 'A2' },
      },
    ])
    expect(second.items).toMatchObject([{ number: 1, endedBy: 3, deleted: null, data: { seen: 'yes' } }])
    expect(second.items[0]?.data).not.toHaveProperty('cost')
    expect(second.nextCursor).toBeUndefined()
    await expect(ask('versions', { table: 'tickets', id: 'nobody' })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(
      ask('versions', { table: 'tickets', id: 'b', cursor: first.nextCursor }),
    ).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('what a table permits', () => {
  const wanted = { table: 'tickets', permissions: 4 }
  const asked = { actor: operator(), input: wanted }

  it('is restricted, shown and known anew', async () => {
    const { ask, showing } = views()
    expect(await showing.restrict(asked)).toMatchObject({ word: 'tickets', table: 'tickets', from: 6, to: 4 })
    expect(await ask('restrict', wanted)).toEqual(wanted)
    expect(forgotten).toEqual(['acme'])
    expect(await showing.restrict(asked)).toMatchObject({ from: 4, to: 4 })
    const { items, last } = await ask('tables', {})
    expect(items).toMatchObject([{ name: 'tickets', permissions: 6, permitted: 4 }])
    expect(last).toBe(1)
  })

  it('is that of each tenant, and of tables of the app alone', async () => {
    const { ask, showing } = views()
    await expect(ask('restrict', wanted, operator('bolt'))).rejects.toMatchObject({ code: 'not_found' })
    await expect(ask('restrict', { ...wanted, table: 'other' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(
      (async () => showing.restrict({ ...asked, input: { ...wanted, table: 'other' } }))(),
    ).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
