import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { noMeter } from '../../../core/meter.ts'
import { noTracer } from '../../../core/tracer.ts'
import type { Json, Tables } from '../../../ports/tables.ts'
import { createRunner } from '../calls/runner.ts'
import { createPermitted } from '../rights/permitted.ts'
import type { Runner } from '../runner.ts'
import { shapesOf } from '../tables/table-shapes.ts'
import { functionFeeds } from './feeds.ts'
import { createReaders, userOf } from './live.test-kit.ts'
import { deskOf } from './live-desk.test-kit.ts'

const state = { broken: false, gate: Promise.resolve() }
const desk = deskOf(state)
const mia = userOf('mia', ['member'])
const max = userOf('max', ['member'])
const lea = userOf('lea', ['lead'])

type Look = Parameters<Runner['look']>[0]
let tables: Tables
let open: ReturnType<typeof createReaders>
let looks: { fn: string; principal: string; number: number | null; result: unknown }[]
const leaving: (() => void)[] = []
let fails: (() => unknown) | null

beforeEach(async () => {
  state.broken = false
  state.gate = Promise.resolve()
  looks = []
  fails = null
  tables = memoryTables({ now: Date.now, randomId: randomUUID })
  await tables.prepare('home', shapesOf(desk.manifest))
  const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => undefined)
  const permitted = createPermitted({ tables, now: Date.now })
  const log = { info() {}, warn() {}, error() {} }
  const runner = createRunner({
    app: () => desk,
    tables,
    keep: memoryKeep({ now: Date.now }),
    permitted,
    hosted: false,
    concurrency: 64,
    switchedOff: () => false,
    record() {},
    meter: noMeter,
    tracer: noTracer,
    log,
    now: Date.now,
    elapsed: () => performance.now(),
    random: Math.random,
    randomBytes,
    pause,
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  })
  const counting = {
    async look(asked: Look) {
      const one = { fn: asked.fn, principal: asked.caller.principal, number: null, result: null }
      looks.push(one)
      if (fails !== null) throw fails()
      const looked = await runner.look(asked)
      Object.assign(one, { number: looked.number, result: looked.answer })
      return looked
    },
  }
  const feeds = functionFeeds({
    app: () => desk,
    tables,
    runner: counting,
    permitted,
    now: Date.now,
    pause,
  })
  const readers = createReaders({ feeds, now: Date.now, pause })
  open = async (...asked) => {
    const reader = await readers(...asked)
    leaving.push(reader.leave)
    return reader
  }
})
afterEach(() => {
  for (const leave of leaving.splice(0)) leave()
})

async function write(name: string, id: string, data: Json | undefined, owner = 'mia'): Promise<number> {
  const tx = tables.begin({ tenant: 'home' })
  if (data === undefined) tx.delete(name, id)
  else tx.set(name, id, data, owner)
  const outcome = await tx.commit()
  if (outcome.state !== 'committed' || outcome.number === null) throw new Error('not committed')
  return outcome.number
}
const ticket = (title: string, state = 'open', cost?: number) => ({
  title,
  state,
  ...(cost === undefined ? {} : { cost }),
})
const topicOf = (fn: string, ...args: unknown[]) =>
  `functions.live/${fn}?args=${Buffer.from(JSON.stringify(args)).toString('base64url')}`
type Reader = Awaited<ReturnType<typeof open>>
const titles = (reader: Reader) =>
  reader.told.map(({ data }) => (data.result as { title: string }[]).map(({ title }) => title))
/** Long enough for what would come to come. */
const settle = () => sleep(30)

describe('a live query', () => {
  it('begins with its result and tells it anew when a commit changed it, never the same twice', async () => {
    await write('tickets', 'a', ticket('a'))
    const reader = await open(mia, topicOf('board', 'open'))
    expect(reader.told).toMatchObject([{ kind: 'snapshot', position: 1 }])
    await write('tickets', 'b', ticket('b'))
    await vi.waitFor(() => expect(reader.told).toHaveLength(2))
    expect(reader.last()?.position).toBe(2)
    await write('tickets', 'b', ticket('b'))
    await settle()
    expect(titles(reader)).toEqual([['a'], ['a', 'b']])
    expect(looks).toHaveLength(3)
  })

  it('runs again only for rows that come into its filter, leave it, or change within it', async () => {
    const reader = await open(mia, topicOf('board', 'open'))
    const runsAfter = async (...asked: Parameters<typeof write>) => {
      const before = looks.length
      await write(...asked)
      await settle()
      return looks.length - before
    }
    expect(await runsAfter('tickets', 'd', ticket('d', 'done'))).toBe(0)
    expect(await runsAfter('tickets', 'a', ticket('a'))).toBe(1)
    expect(await runsAfter('tickets', 'a', ticket('a2'))).toBe(1)
    expect(await runsAfter('tickets', 'd', ticket('d2', 'done'))).toBe(0)
    expect(await runsAfter('notes', 'n', { text: 'n' })).toBe(0)
    expect(await runsAfter('tickets', 'a', ticket('a2', 'done'))).toBe(1)
    expect(await runsAfter('tickets', 'a', undefined)).toBe(0)
    expect(await runsAfter('tickets', 'd', ticket('d2'))).toBe(1)
    expect(await runsAfter('tickets', 'd', undefined)).toBe(1)
    expect(titles(reader)).toEqual([[], ['a'], ['a2'], [], ['d2'], []])
  })

  it('that reads a row by its id runs again for that row alone, and when it comes to be', async () => {
    const reader = await open(mia, topicOf('one', 'x'))
    await write('tickets', 'y', ticket('y'))
    await settle()
    expect(looks).toHaveLength(1)
    await write('tickets', 'x', ticket('x'))
    await vi.waitFor(() => expect(reader.told).toHaveLength(2))
    expect(reader.told.map(({ data }) => data.result)).toEqual([null, { id: 'x', ...ticket('x') }])
  })

  it('costs one run a commit, however many read it', async () => {
    const members = Array.from({ length: 30 }, (_, n) =>
      userOf(`m${n}`, n % 2 ? ['member', 'x'] : ['x', 'member', 'x']),
    )
    const readers = await Promise.all(members.map((actor) => open(actor, topicOf('board', 'open'))))
    expect(looks).toHaveLength(1)
    await write('tickets', 'a', ticket('a'))
    for (const reader of readers) await vi.waitFor(() => expect(reader.told).toHaveLength(2))
    expect(looks).toHaveLength(2)
    // All of them are told by one event, which is encoded once.
    expect(new Set(readers.map(({ told }) => told.at(-1)?.data)).size).toBe(1)
  })

  it('is run apart for other arguments and other groups, under the rights of each', async () => {
    await write('tickets', 'a', ticket('a', 'open', 7))
    const member = await open(mia, topicOf('board', 'open'))
    const lead = await open(lea, topicOf('board', 'open'))
    const other = await open(userOf('otto', ['other']), topicOf('board', 'open'))
    const done = await open(mia, topicOf('board', 'done'))
    expect(looks).toHaveLength(4)
    expect(JSON.stringify([member.told, other.told, done.told])).not.toContain('cost')
    expect(lead.told[0]?.data.result).toEqual([{ id: 'a', ...ticket('a', 'open', 7) }])
  })

  it('over own rows is run for each principal, and none is told of another’s', async () => {
    await write('notes', 'm', { text: 'of mia' }, 'mia')
    await write('notes', 'x', { text: 'of max' }, 'max')
    const first = await open(mia, 'functions.live/mine')
    const second = await open(max, 'functions.live/mine')
    await write('notes', 'x2', { text: 'more of max' }, 'max')
    await vi.waitFor(() => expect(second.told).toHaveLength(2))
    await settle()
    expect(first.told).toHaveLength(1)
    expect(JSON.stringify(first.told)).not.toContain('max')
    expect(JSON.stringify(second.told)).not.toContain('mia')
    // The attempt that showed it to be personal, one each, and one for the commit.
    expect(looks.map(({ principal }) => principal)).toEqual(['mia', 'mia', 'max', 'max'])
  })

  it('that turns out personal while it is shared is split before anybody is told what is another’s', async () => {
    const readers = [await open(mia, 'functions.live/whose'), await open(max, 'functions.live/whose')]
    expect(looks).toHaveLength(1)
    expect(readers.map((reader) => reader.told.length)).toEqual([1, 1])
    await write('tickets', 'asked', ticket('asked'))
    for (const reader of readers) await vi.waitFor(() => expect(reader.told).toHaveLength(2))
    const late = await open(userOf('mo', ['member']), 'functions.live/whose')
    await write('tickets', 'asked', undefined)
    for (const reader of readers) await vi.waitFor(() => expect(reader.told).toHaveLength(3))
    expect(readers.map(({ told }) => told.map(({ data }) => data.result))).toEqual([
      ['nobody asked', 'asked by mia', 'nobody asked'],
      ['nobody asked', 'asked by max', 'nobody asked'],
    ])
    expect(late.told[0]?.data.result).toBe('asked by mo')
  })

  it('without a result says none', async () => {
    expect((await open(mia, 'functions.live/nothing')).told).toEqual([
      { kind: 'snapshot', position: 0, data: {} },
    ])
  })

  it('tells a run that failed as a problem, and goes on', async () => {
    const reader = await open(mia, topicOf('board', 'open'))
    await write('tickets', 'a', ticket('a'))
    await vi.waitFor(() => expect(reader.told).toHaveLength(2))
    state.broken = true
    await write('tickets', 'b', ticket('b'))
    await vi.waitFor(() => expect(reader.told).toHaveLength(3))
    expect(reader.last()).toMatchObject({
      position: 2,
      data: { problem: { code: 'invalid', detail: 'broken' } },
    })
    expect(reader.last()?.data).not.toHaveProperty('result')
    // It failed before it read anything, and is run again for what it read when it did not.
    state.broken = false
    await write('tickets', 'b', ticket('b2'))
    await vi.waitFor(() => expect(titles({ ...reader, told: reader.told.slice(3) })).toEqual([['a', 'b2']]))
  })

  it('is tried again by itself when only the store was away', async () => {
    fails = () => Object.assign(new Error('away'), { name: 'TablesLost' })
    const reader = await open(mia, topicOf('board', 'open'))
    expect(reader.told).toMatchObject([{ data: { problem: { code: 'dependency_unavailable' } } }])
    await write('tickets', 'a', ticket('a'))
    fails = null
    await vi.waitFor(() => expect(reader.told).toHaveLength(2), { timeout: 5_000 })
    expect(reader.last()).toMatchObject({ position: 1, data: { result: [{ title: 'a' }] } })
  })

  it('fails when a table that it reads is restricted, and is well when it is not any more', async () => {
    await write('tickets', 'a', ticket('a'))
    const reader = await open(mia, topicOf('board', 'open'))
    const other = await open(mia, 'functions.live/mine')
    await tables.restrict('home', 'tickets', 3)
    await vi.waitFor(() => expect(reader.told).toHaveLength(2))
    expect(reader.last()?.data).toMatchObject({ problem: { code: 'forbidden', table: 'tickets' } })
    await tables.restrict('home', 'tickets', 7)
    await vi.waitFor(() => expect(reader.told).toHaveLength(3))
    expect(titles({ ...reader, told: reader.told.slice(2) })).toEqual([['a']])
    expect(looks.filter(({ fn }) => fn === 'mine')).toHaveLength(2)
    expect(other.told).toHaveLength(1)
  })

  it('is what was committed before whoever joins, also while a run is under way', async () => {
    const first = await open(mia, topicOf('board', 'open'))
    const blocked = Promise.withResolvers<void>()
    state.gate = blocked.promise
    await write('tickets', 'a', ticket('a'))
    await settle()
    await write('tickets', 'b', ticket('b'))
    const joining = open(mia, topicOf('board', 'open'))
    await settle()
    state.gate = Promise.resolve()
    blocked.resolve()
    expect(titles(await joining)).toEqual([['a', 'b']])
    await vi.waitFor(() => expect(titles(first).at(-1)).toEqual(['a', 'b']))
  })

  it('stops when its last reader has gone', async () => {
    const readers = [await open(mia, topicOf('board', 'open')), await open(max, topicOf('board', 'open'))]
    for (const reader of readers) reader.leave()
    await settle()
    await write('tickets', 'a', ticket('a'))
    await settle()
    expect(looks).toHaveLength(1)
    const back = await open(mia, topicOf('board', 'open'))
    expect(titles(back)).toEqual([['a']])
  })

  it.each([
    ['there is no such function', mia, 'functions.live/none', 'not_found'],
    ['it is internal', lea, 'functions.live/hidden', 'not_found'],
    ['it is no live query', mia, 'functions.live/dead', 'invalid'],
    ['the bits are lacking', userOf('nina', []), topicOf('board', 'open'), 'forbidden'],
    ['an argument does not fit', mia, topicOf('board', 'half'), 'invalid'],
    ['an argument is missing', mia, 'functions.live/board', 'invalid'],
    ['there are too many arguments', mia, topicOf('mine', 1), 'invalid'],
    ['the arguments are no list', mia, `functions.live/mine?args=${btoa('{}').replace('=', '')}`, 'invalid'],
    ['the arguments are not base64url', mia, 'functions.live/mine?args=[]', 'invalid'],
    ['something else is asked', mia, 'functions.live/mine?arg=W10', 'invalid'],
  ])('is refused when %s', async (_, actor, topic, code) => {
    await expect(open(actor, topic)).rejects.toMatchObject({ code })
    expect(looks).toEqual([])
  })

  it('may not be read on by whoever lost the bits or changed groups', async () => {
    const reader = await open(mia, topicOf('board', 'open'))
    expect(reader.may(mia)).toBe(true)
    for (const other of [userOf('mia', []), userOf('mia', ['other']), userOf('max', ['member'])])
      expect(reader.may(other)).toBe(false)
  })

  it('tells at every position what its function gives there, whatever is committed, and in the end the newest', async () => {
    const readers = [
      await open(mia, topicOf('board', 'open')),
      await open(lea, topicOf('board', 'done')),
      await open(mia, topicOf('one', 't3')),
    ]
    const pick = <Item>(items: readonly Item[]) => items[Math.floor(Math.random() * items.length)] as Item
    for (let n = 0; n < 400; n += 1) {
      const id = pick(['t1', 't2', 't3', 't4', 't5'])
      const data = ticket(pick(['a', 'b', 'c']), pick(['open', 'done']), pick([undefined, 1, 2]))
      await write('tickets', id, pick([data, data, undefined]))
      if (n % 3 === 0) await sleep(pick([0, 0, 1, 3]))
      if (n % 50 === 0) {
        // One that was cut comes back with the present.
        readers[0]?.leave()
        const back = await open(mia, topicOf('board', 'open'))
        back.told.unshift(...(readers[0]?.told ?? []))
        readers[0] = back
      }
    }
    await settle()
    const rowsAt = async (at: number) => {
      const tx = tables.begin({ tenant: 'home', at })
      const rows = await tx.getAll('tickets', ['t1', 't2', 't3', 't4', 't5'])
      return rows.map(({ id, data }) => ({ id, data: data as unknown as Ticket }))
    }
    type Ticket = { title: string; state: string; cost?: number }
    const boardOf = (rows: { id: string; data: Ticket }[], state: string, masks: boolean) =>
      rows
        .filter(({ data }) => data.state === state)
        .sort((a, b) => (a.data.title + a.id < b.data.title + b.id ? -1 : 1))
        .slice(0, 3)
        .map(({ id, data }) => ({ id, ...shown(data, masks) }))
    const shown = ({ cost, ...data }: Ticket, masks: boolean) =>
      masks || cost === undefined ? data : { ...data, cost }
    const models = [
      (rows: { id: string; data: Ticket }[]) => boardOf(rows, 'open', true),
      (rows: { id: string; data: Ticket }[]) => boardOf(rows, 'done', false),
      (rows: { id: string; data: Ticket }[]) => {
        const row = rows.find(({ id }) => id === 't3')
        return row === undefined ? null : { id: 't3', ...shown(row.data, true) }
      },
    ]
    const tx = tables.begin({ tenant: 'home' })
    const newest = await rowsAt(await tx.snapshot())
    for (const [at, reader] of readers.entries()) {
      const model = models[at] as (rows: { id: string; data: Ticket }[]) => unknown
      expect(reader.told.length).toBeGreaterThan(20)
      let last = 0
      for (const { position, data } of reader.told) {
        expect(position).toBeGreaterThanOrEqual(last)
        last = position
        expect(data.result).toEqual(model(await rowsAt(position)))
      }
      expect(reader.last()?.data.result).toEqual(model(newest))
    }
  })
})
