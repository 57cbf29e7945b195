import { expect, it } from 'vitest'
import { numberOf, put, type StartTables } from './tables.suite.ts'
import { DocumentInvalid, HistoryGone, SnapshotAhead, type Tables, type Tx } from './tables.ts'

const shape = { name: 'notes', indexes: [{ fields: ['n'] }], owned: true, listed: true } as const
const ids = ['a', 'b', 'c', 'd']
const day = 86_400_000

/** All that a transaction sees of the table, in each way there is to ask. */
async function seen(tx: Tx) {
  const by = async (query: Parameters<Tx['query']>[1]) => (await tx.query('notes', query)).rows
  const got = []
  for (const id of ids) got.push(await tx.get('notes', id))
  return {
    got,
    all: [...(await tx.getAll('notes', ids))].sort((a, b) => (a.id < b.id ? -1 : 1)),
    byId: await by({}),
    byIndex: await by({ where: { n: { gte: 0 } } }),
    ofOne: await by({ owner: 'one' }),
    listed: await by({ listed: 'desc' }),
  }
}

/** Commits ten times, a second apart, with deletions and rows made anew; answers what was seen after each. */
async function write(tables: Tables, clock: { at: number }) {
  await tables.prepare('a', [shape])
  const states = [await seen(tables.begin({ tenant: 'a' }))]
  for (let n = 1; n <= 10; n += 1) {
    const tx = tables.begin({ tenant: 'a' })
    tx.set('notes', ids[n % 4] ?? '', { n }, n % 3 === 0 ? 'one' : 'two')
    if (n % 2 === 0) tx.delete('notes', ids[(n + 1) % 4] ?? '')
    clock.at += 1_000
    expect(numberOf(await tx.commit())).toBe(n)
    states.push(await seen(tables.begin({ tenant: 'a' })))
  }
  return states
}

/** The part of the suite about reading the past. */
export function asOfTests(start: StartTables) {
  it('reads as of a commit, and as of an instant, what was seen then', async () => {
    const { one, tables, open } = await start()
    const other = await open()
    const began = one.clock.at
    const states = await write(tables, one.clock)
    for (const [number, state] of states.entries()) {
      const at = began + number * 1_000
      for (const moment of [number, new Date(at), new Date(Math.min(at + 999, one.clock.at))]) {
        const tx = other.begin({ tenant: 'a', at: moment })
        expect(await seen(tx)).toEqual(state)
        expect(await tx.snapshot()).toBe(number)
        // The first read may be any.
        for (const [way, expected] of Object.entries(state)) {
          const first = other.begin({ tenant: 'a', at: moment })
          expect((await seen(first))[way as keyof typeof state]).toEqual(expected)
        }
      }
    }
    expect(await other.begin({ tenant: 'a', at: new Date(0) }).snapshot()).toBe(0)
    for (const at of [0, new Date(began)]) {
      expect(await other.begin({ tenant: 'new', at }).get('notes', 'a')).toBeNull()
      expect((await other.begin({ tenant: 'new', at }).query('notes', {})).rows).toEqual([])
    }
  })

  it('takes of several commits of one instant the last', async () => {
    const { one, tables } = await start()
    for (const n of [1, 2, 3]) await put(tables, 'a', 'notes', 'x', n)
    expect((await tables.begin({ tenant: 'a', at: new Date(one.clock.at) }).get('notes', 'x'))?.data).toBe(3)
    const before = tables.begin({ tenant: 'a', at: new Date(one.clock.at - 1) })
    expect(await before.get('notes', 'x')).toBeNull()
  })

  it('refuses what lies ahead, until it is there', async () => {
    const { one, tables, open } = await start()
    const other = await open()
    await put(tables, 'a', 'notes', 'x', 1)
    const soon = tables.begin({ tenant: 'a', at: 2 })
    const later = tables.begin({ tenant: 'a', at: new Date(one.clock.at + 1) })
    for (const tx of [soon, later]) {
      await expect(tx.snapshot()).rejects.toThrow(SnapshotAhead)
      await expect(tx.get('notes', 'x')).rejects.toThrow(SnapshotAhead)
      await expect(tx.getAll('notes', ['x'])).rejects.toThrow(SnapshotAhead)
      await expect(tx.query('notes', {})).rejects.toThrow(SnapshotAhead)
    }
    await expect(tables.begin({ tenant: 'new', at: 1 }).snapshot()).rejects.toThrow(SnapshotAhead)
    await put(other, 'a', 'notes', 'x', 2)
    one.clock.at += 1
    expect((await soon.get('notes', 'x'))?.data).toBe(2)
    expect((await later.get('notes', 'x'))?.data).toBe(2)
  })

  it('refuses what was purged, also while it is read, and a cursor that leads there', async () => {
    const { one, tables, open } = await start()
    const other = await open()
    const began = one.clock.at
    const states = await write(tables, one.clock)
    const reading = other.begin({ tenant: 'a', at: 3 })
    expect(await seen(reading)).toEqual(states[3])
    const old = await other.begin({ tenant: 'a', at: 4 }).query('notes', { limit: 1 })
    expect(old.cursor).toBeDefined()
    one.clock.at += 8 * day
    await put(tables, 'a', 'notes', 'late', 11)
    await tables.collect({ now: new Date(one.clock.at), historyMs: 7 * day })
    for (const at of [0, 3, 9, new Date(began), new Date(began + 9_999)]) {
      await expect(tables.begin({ tenant: 'a', at }).get('notes', 'a')).rejects.toThrow(HistoryGone)
      await expect(other.begin({ tenant: 'a', at }).query('notes', {})).rejects.toThrow(HistoryGone)
    }
    await expect(seen(reading)).rejects.toThrow(HistoryGone)
    const { cursor = '' } = old
    await expect(other.begin({ tenant: 'a' }).query('notes', { limit: 1, cursor })).rejects.toThrow(
      HistoryGone,
    )
    // The last commit before the window is what was there when it began.
    for (const at of [10, new Date(began + 10_000), new Date(one.clock.at - 1)]) {
      const tx = other.begin({ tenant: 'a', at })
      expect(await seen(tx)).toEqual(states[10])
    }
    expect(await tables.begin({ tenant: 'a', at: new Date(one.clock.at) }).snapshot()).toBe(11)
    // A later commit brings nothing back.
    await put(tables, 'a', 'notes', 'later', 12)
    for (const at of [3, new Date(began + 3_000)]) {
      await expect(other.begin({ tenant: 'a', at }).snapshot()).rejects.toThrow(HistoryGone)
    }
  })

  it('writes over nothing that was written since', async () => {
    const { tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    await put(tables, 'a', 'notes', 'y', 2)
    const tx = tables.begin({ tenant: 'a', at: 1 })
    tx.set('notes', 'y', 3, 'me')
    expect((await tx.get('notes', 'x'))?.data).toBe(1)
    expect(await tx.commit()).toMatchObject({ state: 'aborted', why: 'conflict', id: 'y' })
    const other = tables.begin({ tenant: 'a', at: 1 })
    await other.get('notes', 'x')
    other.set('notes', 'x', 3, 'me')
    expect(numberOf(await other.commit())).toBe(3)
  })

  it('refuses what is no moment', async () => {
    const { tables } = await start()
    for (const at of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, new Date(Number.NaN)]) {
      expect(() => tables.begin({ tenant: 'a', at })).toThrow(DocumentInvalid)
    }
  })
}
