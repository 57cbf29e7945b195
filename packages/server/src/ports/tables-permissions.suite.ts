import { expect, it } from 'vitest'
import { look, numberOf, put, type StartTables } from './tables.suite.ts'
import { type Commit, DocumentInvalid } from './tables.ts'

/** The part of the suite about what tables permit. */
export function permissionsTests(start: StartTables) {
  it('permits all at first, and afterwards what it was restricted to, tenant by tenant', async () => {
    const { tables, open } = await start()
    expect(await tables.permissions('a')).toEqual(new Map())
    await put(tables, 'a', 'notes', 'x', 1)
    await put(tables, 'b', 'notes', 'x', 1)
    await tables.prepare('a', [
      { name: 'marks', indexes: [], permissions: 4 },
      { name: 'empty', indexes: [] },
    ])
    expect(await tables.permissions('a')).toEqual(
      new Map([
        ['notes', 7],
        ['marks', 4],
        ['empty', 7],
      ]),
    )
    expect(await tables.restrict('a', 'notes', 5, { principal: 'ann' })).toEqual({
      state: 'committed',
      number: 2,
      at: new Date(1_700_000_000_000),
    })
    const other = await open()
    expect(await other.permissions('a')).toEqual(
      new Map([
        ['notes', 5],
        ['marks', 4],
        ['empty', 7],
      ]),
    )
    expect(await other.permissions('b')).toEqual(new Map([['notes', 7]]))
    expect(await look(other, 'a', 'notes', 'x')).toBe(1)
    expect(numberOf(await other.restrict('a', 'notes', 0))).toBe(3)
    expect((await tables.permissions('a')).get('notes')).toBe(0)
  })

  it('stops transactions that are running, and no others', async () => {
    const { tables, open } = await start()
    const other = await open()
    await put(tables, 'a', 'notes', 'x', 1)
    const running = tables.begin({ tenant: 'a' })
    await running.get('notes', 'x')
    running.set('notes', 'x', 2, 'me')
    numberOf(await other.restrict('a', 'notes', 4))
    expect(await running.commit({ bits: { notes: 6 } })).toEqual({
      ...{ state: 'aborted', why: 'forbidden', table: 'notes' },
    })
    expect(await look(tables, 'a', 'notes', 'x')).toBe(1)
    const reading = tables.begin({ tenant: 'a' })
    await reading.get('notes', 'x')
    reading.set('marks', 'y', 1, 'me')
    expect(numberOf(await reading.commit({ bits: { notes: 4, marks: 2 } }))).toBe(3)
    // Nothing was touched, so nobody was overtaken by it.
    const late = tables.begin({ tenant: 'a' })
    await late.get('notes', 'x')
    numberOf(await other.restrict('a', 'notes', 7))
    late.set('notes', 'x', 3, 'me')
    expect(numberOf(await late.commit({ bits: { notes: 6 } }))).toBe(5)
  })

  it('wakes followers with a commit that touches nothing', async () => {
    const { tables, open } = await start()
    const other = await open()
    await put(tables, 'a', 'notes', 'x', 1)
    const ended = new AbortController()
    const found: Commit[] = []
    const following = (async () => {
      for await (const commit of other.changes('a', 1, ended.signal)) {
        found.push(commit)
        if (found.length === 2) ended.abort()
      }
    })()
    numberOf(await tables.restrict('a', 'notes', 4))
    numberOf(await tables.restrict('a', 'notes', 7))
    await following
    expect(found).toEqual([
      { number: 2, touched: [] },
      { number: 3, touched: [] },
    ])
  })

  it('refuses a table that is not there, and permissions that are none', async () => {
    const { tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    for (const [tenant, table] of [
      ['a', 'marks'],
      ['b', 'notes'],
    ] as const) {
      expect(await tables.restrict(tenant, table, 4)).toEqual({ state: 'aborted', why: 'conflict', table })
    }
    for (const permissions of [-1, 8, 1.5, Number.NaN]) {
      await expect(tables.restrict('a', 'notes', permissions)).rejects.toThrow(DocumentInvalid)
    }
    expect(await put(tables, 'a', 'notes', 'x', 2)).toBe(2)
    expect(await tables.permissions('b')).toEqual(new Map())
  })

  it('restricts once under a key', async () => {
    const { tables, open } = await start()
    const other = await open()
    await put(tables, 'a', 'notes', 'x', 1)
    const meta = { idempotency: 'k', request: 'r', result: { to: 4 } }
    const outcomes = await Promise.all([tables, other].map((one) => one.restrict('a', 'notes', 4, meta)))
    expect(outcomes.map((one) => one.state === 'committed' && one.number)).toEqual([2, 2])
    expect(outcomes.filter((one) => one.state === 'committed' && one.repeated !== undefined)).toHaveLength(1)
    const remembered = { number: 2, at: new Date(1_700_000_000_000), request: 'r', result: { to: 4 } }
    expect(await tables.recall('a', 'k')).toEqual(remembered)
    expect(await tables.restrict('a', 'notes', 7, meta)).toMatchObject({ repeated: remembered })
    expect((await tables.permissions('a')).get('notes')).toBe(4)
  })
}
