import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor } from '@quarterdeck/sdk/actor'
import { app } from '@quarterdeck/sdk/functions/app'
import { masked } from '@quarterdeck/sdk/functions/masked'
import { perms } from '@quarterdeck/sdk/functions/perms'
import { table } from '@quarterdeck/sdk/functions/table'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import type { Json, Tables } from '../../../ports/tables.ts'
import { loadedAppOf } from '../app.test-kit.ts'
import { createPermitted } from '../rights/permitted.ts'
import { functionFeeds } from './feeds.ts'
import { createReaders, userOf } from './live.test-kit.ts'

const desk = loadedAppOf({
  app: app({
    groups: {
      member: { tables: { tickets: perms.RW_, notes: perms.RWX } },
      lead: { tables: { '*': perms.RWX } },
      writer: { tables: { tickets: perms._W_ } },
      anonymous: { tables: { board: perms.R__ } },
    },
  }),
  tables: [
    table('tickets', {
      schema: z.object({
        title: z.string(),
        state: z.string().default('open'),
        cost: masked(z.number().optional(), 0, { lead: perms.RW_ }),
      }),
      rows: 'shared',
    }),
    table('notes', { schema: z.object({ text: z.string() }) }),
    table('board', { schema: z.object({ text: z.string() }), rows: 'shared' }),
  ],
  functions: {},
})

const mia = userOf('mia', ['member'])
const lea = userOf('lea', ['lead'])
const anonymous: Actor = {
  tenant: 'home',
  principal: 'anonymous',
  class: 'anonymous',
  permissions: [],
  credential: '',
}

let tables: Tables
let read: ReturnType<typeof createReaders>
const leaving: (() => void)[] = []
let reads = 0

beforeEach(async () => {
  const store = memoryTables({ now: Date.now, randomId: randomUUID })
  reads = 0
  tables = {
    ...store,
    begin(options) {
      const tx = store.begin(options)
      if (options.at === undefined) return tx
      return {
        ...tx,
        getAll(...asked) {
          reads += 1
          return tx.getAll(...asked)
        },
      }
    },
  }
  await tables.prepare('home', [
    { name: 'tickets', indexes: [] },
    { name: 'notes', indexes: [] },
    { name: 'board', indexes: [] },
  ])
  const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => undefined)
  const feeds = functionFeeds({
    app: () => desk,
    tables,
    runner: {
      look: async () => {
        throw new Error('no function is run here')
      },
    },
    permitted: createPermitted({ tables, now: Date.now }),
    now: Date.now,
    pause,
  })
  const open = createReaders({ feeds, now: Date.now, pause })
  read = async (...asked) => {
    const reader = await open(...asked)
    leaving.push(reader.leave)
    return reader
  }
})
afterEach(() => {
  for (const leave of leaving.splice(0)) leave()
})

type Write = readonly [table: string, id: string, data: Json | undefined, owner?: string]

/** Commits writes; undefined deletes. */
async function write(...writes: readonly Write[]): Promise<number> {
  const tx = tables.begin({ tenant: 'home' })
  for (const [name, id, data, owner = 'mia'] of writes)
    if (data === undefined) tx.delete(name, id)
    else tx.set(name, id, data, owner)
  const outcome = await tx.commit()
  if (outcome.state !== 'committed' || outcome.number === null) throw new Error('not committed')
  return outcome.number
}

const ticket = (title: string, cost?: number) => ({
  title,
  state: 'open',
  ...(cost === undefined ? {} : { cost }),
})
const changesOf = (reader: Awaited<ReturnType<typeof read>>) =>
  reader.told.filter(({ kind }) => kind === 'delta')

describe('the changes of a table', () => {
  it('are told commit by commit, each with what was there before', async () => {
    await write(['tickets', 'a', ticket('before')])
    const reader = await read(lea, 'functions.change/tickets')
    expect(reader.told).toEqual([{ kind: 'snapshot', position: 1, data: {} }])
    await write(['tickets', 'a', ticket('changed', 5)], ['tickets', 'b', ticket('new')])
    await write(['board', 'x', { text: 'of another table' }])
    await write(['tickets', 'a', undefined])
    await vi.waitFor(() => expect(changesOf(reader)).toHaveLength(2))
    expect(changesOf(reader)).toEqual([
      {
        kind: 'delta',
        position: 2,
        data: {
          changes: [
            {
              table: 'tickets',
              type: 'update',
              id: 'a',
              data: ticket('changed', 5),
              oldData: ticket('before'),
            },
            { table: 'tickets', type: 'insert', id: 'b', data: ticket('new') },
          ],
        },
      },
      {
        kind: 'delta',
        position: 4,
        data: { changes: [{ table: 'tickets', type: 'delete', id: 'a', oldData: ticket('changed', 5) }] },
      },
    ])
  })

  it('come once each after a disconnect: exactly fifty for fifty commits', async () => {
    const reader = await read(mia, 'functions.change/tickets')
    await write(['tickets', 't', ticket('0')])
    await vi.waitFor(() => expect(changesOf(reader)).toHaveLength(1))
    const from = reader.last()?.position ?? 0
    reader.leave()
    for (let n = 1; n <= 50; n += 1) {
      await write(['tickets', 't', ticket(String(n))])
      await write(['notes', `n${n}`, { text: 'another table' }])
    }
    const back = await read(mia, 'functions.change/tickets', from)
    await write(['tickets', 't', ticket('51')])
    await vi.waitFor(() => expect(changesOf(back).length).toBeGreaterThan(50))
    expect(back.told.map(({ kind }) => kind)).toEqual(['resumed', ...Array(51).fill('delta')])
    const titles = changesOf(back).map(
      ({ data }) => (data.changes as [{ data: { title: string } }])[0].data.title,
    )
    expect(titles).toEqual(Array.from({ length: 51 }, (_, n) => String(n + 1)))
  })

  it('come once each to a reader that is cut again and again while commits go on', async () => {
    const titles: string[] = []
    let from: number | null = null
    let writing = true
    const writes = (async () => {
      for (let n = 0; n < 200; n += 1) {
        await write(['tickets', 't', ticket(String(n))])
        if (n % 7 === 0) await sleep(1)
      }
      writing = false
    })()
    const all = () => titles.length === 200
    const first = await read(mia, 'functions.change/tickets', 0)
    first.leave()
    from = 0
    for (let n = 0; (writing || !all()) && n < 500; n += 1) {
      const reader: Awaited<ReturnType<typeof read>> = await read(mia, 'functions.change/tickets', from)
      await sleep(n % 5)
      reader.leave()
      for (const { position, data } of changesOf(reader)) {
        from = position
        titles.push((data.changes as [{ data: { title: string } }])[0].data.title)
      }
    }
    await writes
    expect(titles).toEqual(Array.from({ length: 200 }, (_, n) => String(n)))
  })

  it('never show what is masked from a reader, and a change of nothing else is not told', async () => {
    await write(['tickets', 'a', ticket('a', 1)])
    const all = await read(lea, 'functions.change/tickets')
    const some = await read(mia, 'functions.change/tickets')
    await write(['tickets', 'a', ticket('a', 2)])
    await write(['tickets', 'a', ticket('b', 3)], ['tickets', 'c', ticket('c', 77)])
    await write(['tickets', 'c', undefined])
    await vi.waitFor(() => expect(changesOf(all)).toHaveLength(3))
    await vi.waitFor(() => expect(changesOf(some)).toHaveLength(2))
    expect(changesOf(some).map(({ position }) => position)).toEqual([3, 4])
    expect(JSON.stringify(changesOf(some))).not.toContain('cost')
    expect(JSON.stringify(changesOf(all))).toContain('"cost":77')
    const again = await read(mia, 'functions.change/tickets', 1)
    expect(JSON.stringify(changesOf(again))).toBe(JSON.stringify(changesOf(some)))
  })

  it('are of the reader’s own rows alone where rows are own, whoever else reads', async () => {
    const mine = await read(mia, 'functions.change/notes')
    const hers = await read(lea, 'functions.change/notes')
    await write(['notes', 'm', { text: 'of mia' }, 'mia'])
    await write(['notes', 'l', { text: 'of lea' }, 'lea'], ['notes', 'm', undefined])
    await vi.waitFor(() => expect(changesOf(mine)).toHaveLength(2))
    await vi.waitFor(() => expect(changesOf(hers)).toHaveLength(1))
    expect(JSON.stringify(mine.told)).not.toContain('lea')
    expect(JSON.stringify(hers.told)).not.toContain('mia')
  })

  it('show a row that went to another owner as gone to one and new to the other', async () => {
    await write(['notes', 'n', { text: 'old' }, 'mia'])
    const mine = await read(mia, 'functions.change/notes')
    const hers = await read(lea, 'functions.change/notes')
    const tx = tables.begin({ tenant: 'home' })
    tx.delete('notes', 'n')
    tx.set('notes', 'n', { text: 'new' }, 'lea')
    await tx.commit()
    await vi.waitFor(() => expect(changesOf(hers)).toHaveLength(1))
    await vi.waitFor(() => expect(changesOf(mine)).toHaveLength(1))
    expect(changesOf(mine)[0]?.data.changes).toEqual([
      { table: 'notes', type: 'delete', id: 'n', oldData: { text: 'old' } },
    ])
    expect(changesOf(hers)[0]?.data.changes).toEqual([
      { table: 'notes', type: 'insert', id: 'n', data: { text: 'new' } },
    ])
  })

  it('leave out what the schema does not name any more', async () => {
    const reader = await read(mia, 'functions.change/tickets')
    await write(['tickets', 'a', { title: 'a', secret: 'of an older schema' }])
    await write(['tickets', 'a', { broken: true }])
    await vi.waitFor(() => expect(changesOf(reader)).toHaveLength(2))
    expect(changesOf(reader).map(({ data }) => data.changes)).toEqual([
      [{ table: 'tickets', type: 'insert', id: 'a', data: ticket('a') }],
      [{ table: 'tickets', type: 'update', id: 'a', oldData: ticket('a') }],
    ])
  })

  it.each([
    ['a table that there is not', lea, 'functions.change/nothing', 'not_found'],
    ['a table without bit 4', userOf('will', ['writer']), 'functions.change/tickets', 'forbidden'],
    ['a table of no group', userOf('nina', []), 'functions.change/tickets', 'forbidden'],
    ['a reserved name as a group', userOf('nora', ['operators']), 'functions.change/tickets', 'forbidden'],
    ['nobody known', anonymous, 'functions.change/tickets', 'unauthenticated'],
    ['a query', lea, 'functions.change/tickets?args=W10', 'invalid'],
  ])('are refused to %s', async (_, actor, topic, code) => {
    await expect(read(actor, topic)).rejects.toMatchObject({ code })
  })

  it('can be read without a credential where the group of such callers may', async () => {
    const reader = await read(anonymous, 'functions.change/board')
    await write(['board', 'x', { text: 'for all' }])
    await vi.waitFor(() => expect(changesOf(reader)).toHaveLength(1))
  })

  it('end for readers who lost the right: the table was restricted, or they are somebody else now', async () => {
    const reader = await read(mia, 'functions.change/tickets')
    expect(reader.may(mia)).toBe(true)
    expect(reader.may(userOf('mia', ['lead']))).toBe(false)
    expect(reader.may(userOf('mia', ['member'], 'away'))).toBe(false)
    expect(reader.may(userOf('mia', []))).toBe(false)
    await tables.restrict('home', 'tickets', 3)
    await vi.waitFor(() => expect(reader.may(mia)).toBe(false))
    await expect(read(mia, 'functions.change/tickets')).rejects.toMatchObject({
      code: 'forbidden',
      members: { table: 'tickets' },
    })
    await tables.restrict('home', 'tickets', 7)
    await read(mia, 'functions.change/tickets')
  })

  it('cannot be told of a commit that is still to come, nor of what is not kept any more', async () => {
    await write(['tickets', 'a', ticket('a')])
    const ahead = await read(mia, 'functions.change/tickets', 9)
    expect(ahead.told).toEqual([
      { kind: 'gap', position: 1, data: { from: 9, reason: 'unknown' } },
      { kind: 'snapshot', position: 1, data: {} },
    ])
    ahead.leave()
    await write(['tickets', 'a', ticket('b')])
    await write(['tickets', 'a', ticket('c')])
    const late = new Date(Date.now() + 86_400_000 * 3)
    expect(await tables.collect({ now: late, historyMs: 3_600_000 })).toMatchObject({ purged: 2 })
    expect((await read(mia, 'functions.change/tickets', 1)).told).toEqual([
      { kind: 'gap', position: 3, data: { from: 1, reason: 'pruned' } },
      { kind: 'snapshot', position: 3, data: {} },
    ])
  })

  it('are read once for all who read them', async () => {
    const readers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        read(userOf(`u${n}`, n % 2 ? ['lead'] : ['member']), 'functions.change/tickets'),
      ),
    )
    await write(['tickets', 'a', ticket('a')])
    await write(['tickets', 'a', ticket('b')])
    for (const reader of readers) await vi.waitFor(() => expect(changesOf(reader)).toHaveLength(2))
    // Before the first commit there is nothing to read.
    expect(reads).toBe(3)
  })
})
