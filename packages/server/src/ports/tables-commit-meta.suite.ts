import { expect, it } from 'vitest'
import { look, numberOf, put, type StartTables } from './tables.suite.ts'
import { type CommitMeta, DocumentInvalid, type Json, type Tables } from './tables.ts'

const conflict = { state: 'aborted', why: 'conflict' }

/** A transaction that writes one document. */
function writing(tables: Tables, id: string, data: Json, sid?: string) {
  const tx = tables.begin({ tenant: 'a', ...(sid === undefined ? {} : { sid }) })
  tx.set('notes', id, data, 'me')
  return tx
}

/** The part of the suite about what a commit says of itself, and what becomes of one whose answer was lost. */
export function commitMetaTests(start: StartTables) {
  it('commits once under a key: a repeat has the answer of the first, and does nothing', async () => {
    const { one, tables, open } = await start()
    const other = await open()
    const meta: CommitMeta = { idempotency: "k'1", request: 'digest', result: { answer: [1, null, 'é'] } }
    expect(numberOf(await writing(tables, 'x', 1).commit(meta))).toBe(1)
    const remembered = {
      number: 1,
      at: new Date(one.clock.at),
      request: 'digest',
      result: { answer: [1, null, 'é'] },
    }
    one.clock.at += 5_000
    for (const handle of [tables, other]) {
      expect(await handle.recall('a', "k'1")).toEqual(remembered)
      const again = await writing(handle, 'x', 2).commit({ idempotency: "k'1", request: 'other', result: 7 })
      expect(again).toEqual({
        state: 'committed',
        number: 1,
        at: remembered.at,
        repeated: remembered,
      })
      expect(await handle.recall('a', 'k')).toBeNull()
      expect(await handle.recall('b', "k'1")).toBeNull()
    }
    expect(await look(other, 'a', 'notes', 'x')).toBe(1)
    // Another tenant knows nothing of the key.
    const elsewhere = other.begin({ tenant: 'b' })
    expect(await elsewhere.commit({ idempotency: "k'1" })).toEqual({
      state: 'committed',
      number: 1,
      at: new Date(one.clock.at),
    })
    expect(await tables.recall('b', "k'1")).toMatchObject({ number: 1, request: null, result: null })
  })

  it('stores and numbers a commit with a key that wrote nothing', async () => {
    const { tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    const tx = tables.begin({ tenant: 'a', isolation: 'serializable' })
    await tx.get('notes', 'x')
    expect(numberOf(await tx.commit({ idempotency: 'k', result: false }))).toBe(2)
    expect(await tables.recall('a', 'k')).toMatchObject({ number: 2, result: false })
    expect(await put(tables, 'a', 'notes', 'x', 2)).toBe(3)
    const ended = new AbortController()
    const feed = tables.changes('a', 1, ended.signal)[Symbol.asyncIterator]()
    expect((await feed.next()).value).toEqual({ number: 2, touched: [] })
    ended.abort()
  })

  it('lets one of many win a key, and gives the others its answer', async () => {
    const { tables, open } = await start()
    const handles = [tables, await open()]
    for (let round = 1; round <= 5; round += 1) {
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, (_, n) => {
          const handle = handles[n % 2] ?? tables
          return writing(handle, `${round} ${n}`, n).commit({ idempotency: `k${round}`, result: n })
        }),
      )
      const first = outcomes.filter((one) => one.state === 'committed' && one.repeated === undefined)
      expect(first).toHaveLength(1)
      const winner = outcomes.findIndex((one) => one.state === 'committed' && one.repeated === undefined)
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ state: 'committed', number: round })
        if (outcome !== first[0])
          expect(outcome).toMatchObject({ repeated: { number: round, result: winner } })
      }
      const tx = tables.begin({ tenant: 'a' })
      expect((await tx.query('notes', {})).rows).toHaveLength(round)
    }
  })

  it('frees the key of what was refused', async () => {
    const { tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    const late = writing(tables, 'x', 2)
    await late.get('notes', 'x')
    await put(tables, 'a', 'notes', 'x', 3)
    expect(await late.commit({ idempotency: 'k', result: 'late' })).toMatchObject(conflict)
    expect(await tables.recall('a', 'k')).toBeNull()
    expect(numberOf(await writing(tables, 'x', 4).commit({ idempotency: 'k', result: 'new' }))).toBe(3)
    expect(await tables.recall('a', 'k')).toMatchObject({ number: 3, result: 'new' })
  })

  it('commits once under a name', async () => {
    const { tables, open } = await start()
    const other = await open()
    const name = 'cron:close:2026-05-03T09:30'
    const race = [tables, other, tables].map((handle, n) => writing(handle, 'x', n, name))
    expect(race.map((tx) => tx.sid)).toEqual([name, name, name])
    const outcomes = await Promise.all(race.map((tx) => tx.commit()))
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0])
    expect(numberOf(outcomes[0] ?? { state: 'unknown' })).toBe(1)
    expect(await tables.begin({ tenant: 'a' }).snapshot()).toBe(1)
    // In another tenant it is another's name.
    const elsewhere = tables.begin({ tenant: 'b', sid: name })
    elsewhere.set('notes', 'x', 1, 'me')
    expect(numberOf(await elsewhere.commit())).toBe(1)
  })

  it('asks at the commit what tables permit, before all else, and only of what is stored', async () => {
    const { tables, open } = await start()
    const other = await open()
    await tables.prepare('a', [
      { name: 'notes', indexes: [], permissions: 6 },
      { name: 'marks', indexes: [], permissions: 0 },
    ])
    expect(await other.permissions('a')).toEqual(
      new Map([
        ['notes', 6],
        ['marks', 0],
      ]),
    )
    // Declared again it keeps what it was made with.
    await other.prepare('a', [
      { name: 'notes', indexes: [{ fields: ['x'] }], permissions: 1, owned: true, listed: true },
    ])
    const bits = async (asked: Readonly<Record<string, number>>) =>
      writing(tables, 'x', 1).commit({ bits: asked })
    expect(await bits({ notes: 1 })).toEqual({ state: 'aborted', why: 'forbidden', table: 'notes' })
    expect(await bits({ notes: 7 })).toMatchObject({ why: 'forbidden' })
    expect(await bits({ unread: 7, notes: 6, marks: 4 })).toMatchObject({ why: 'forbidden', table: 'marks' })
    expect(await bits({ unread: 7, notes: 6, marks: 0 })).toMatchObject({ state: 'committed', number: 1 })

    const late = writing(tables, 'x', 2)
    await late.get('notes', 'x')
    await put(other, 'a', 'notes', 'x', 3)
    expect(await late.commit({ bits: { marks: 1 } })).toMatchObject({ why: 'forbidden', table: 'marks' })
    const idle = tables.begin({ tenant: 'a' })
    expect(await idle.commit({ bits: { marks: 7 } })).toMatchObject({ state: 'committed', number: null })
    const keyed = tables.begin({ tenant: 'a' })
    expect(await keyed.commit({ bits: { marks: 7 }, idempotency: 'k' })).toMatchObject({ why: 'forbidden' })
  })

  it('stops what runs when a table is restricted', async () => {
    const { tables, open } = await start()
    const other = await open()
    await put(tables, 'a', 'notes', 'x', 1)
    const running = writing(tables, 'x', 2)
    await running.get('notes', 'x')
    expect(numberOf(await other.restrict('a', 'notes', 4))).toBe(2)
    expect(await running.commit({ bits: { notes: 6 } })).toEqual({
      state: 'aborted',
      why: 'forbidden',
      table: 'notes',
    })
    expect(await look(other, 'a', 'notes', 'x')).toBe(1)
  })

  it('does each step of the migrations once, also one that writes nothing', async () => {
    const { tables, open } = await start()
    const other = await open()
    const step = (handle: Tables, id: string) =>
      handle.begin({ tenant: 'a' }).commit({ migration: { id, checksum: `sum of ${id}` } })
    const raced = await Promise.all([tables, other, tables, other].map((handle) => step(handle, '0001_a')))
    expect(raced.filter((one) => one.state === 'committed')).toHaveLength(1)
    expect(raced.filter((one) => one.state === 'aborted')).toEqual([conflict, conflict, conflict])
    const tx = writing(other, 'x', 1)
    expect(numberOf(await tx.commit({ migration: { id: '0002_b', checksum: 's' } }))).toBe(2)
    const late = writing(other, 'x', 2)
    expect(await late.commit({ migration: { id: '0002_b', checksum: 't' } })).toEqual(conflict)
    expect(await look(tables, 'a', 'notes', 'x')).toBe(1)
    expect(await tables.migrations('a')).toEqual(
      new Map([
        ['0001_a', 'sum of 0001_a'],
        ['0002_b', 's'],
      ]),
    )
    expect(await tables.migrations('b')).toEqual(new Map())
  })

  it('takes the session that it commits away, and commits no session twice', async () => {
    const { one, tables, open } = await start()
    const other = await open()
    const held = { principal: 'me', expiresAt: new Date(one.clock.at + 30_000) }
    const tx = writing(tables, 'x', 1)
    expect(await tables.suspend(tx, held)).toBe(true)
    const [here, there] = [await tables.resume('a', 'me', tx.sid), await other.resume('a', 'me', tx.sid)]
    expect(numberOf((await there?.tx.commit({ principal: 'me' })) ?? { state: 'unknown' })).toBe(1)
    // It is the same transaction, so it has the same outcome.
    expect(await here?.tx.commit()).toMatchObject({ state: 'committed', number: 1 })
    expect(await tables.resume('a', 'me', tx.sid)).toBeNull()

    const moved = writing(tables, 'y', 1)
    await tables.suspend(moved, held)
    const old = await tables.resume('a', 'me', moved.sid)
    const newer = await other.resume('a', 'me', moved.sid)
    if (old === null || newer === null) throw new Error('no session')
    newer.tx.set('notes', 'y', 2, 'me')
    expect(await other.suspend(newer.tx, held)).toBe(true)
    expect(await old.tx.commit()).toEqual(conflict)
    expect(await look(tables, 'a', 'notes', 'y')).toBeUndefined()
    const newest = await tables.resume('a', 'me', moved.sid)
    expect(numberOf((await newest?.tx.commit()) ?? { state: 'unknown' })).toBe(2)
    expect(await look(tables, 'a', 'notes', 'y')).toBe(2)

    const idle = tables.begin({ tenant: 'a' })
    await idle.get('notes', 'x')
    await tables.suspend(idle, held)
    const resumed = await other.resume('a', 'me', idle.sid)
    expect(await resumed?.tx.commit()).toMatchObject({ state: 'committed', number: null })
    expect(await tables.suspended('a', 'me')).toBe(0)
    const dropped = writing(tables, 'z', 1)
    await tables.suspend(dropped, held)
    const gone = await tables.resume('a', 'me', dropped.sid)
    expect(await other.forget('a', 'me', dropped.sid)).toBe(true)
    expect(await gone?.tx.commit()).toEqual(conflict)
  })

  it('settles what became of a transaction, so that a lost one can never commit', async () => {
    const { one, tables, open } = await start()
    const other = await open()
    const made = writing(tables, 'x', 1)
    const outcome = await made.commit()
    one.clock.at += 1_000
    expect(await other.settle('a', made.sid)).toEqual(outcome)
    const lost = writing(tables, 'x', 2)
    expect(await other.settle('a', lost.sid)).toEqual(conflict)
    expect(await lost.commit({ idempotency: 'k' })).toEqual(conflict)
    expect(await other.settle('a', lost.sid)).toEqual(conflict)
    expect(await tables.recall('a', 'k')).toBeNull()
    expect(await put(tables, 'a', 'notes', 'y', 1)).toBe(2)
    expect(await look(other, 'a', 'notes', 'x')).toBe(1)
    // In a tenant that has nothing, too; and what is void is no commit.
    expect(await other.settle('new', lost.sid)).toEqual(conflict)
    expect(await tables.begin({ tenant: 'new' }).snapshot()).toBe(0)
    const ended = new AbortController()
    const feed = tables.changes('a', 0, ended.signal)[Symbol.asyncIterator]()
    expect([(await feed.next()).value?.number, (await feed.next()).value?.number]).toEqual([1, 2])
    ended.abort()
  })

  it('gives one answer to a commit and to whoever settles it meanwhile', async () => {
    const { tables, open } = await start()
    const other = await open()
    for (let round = 0; round < 20; round += 1) {
      const tx = writing(tables, `n${round}`, round)
      const [committed, settled] = await Promise.all([tx.commit(), other.settle('a', tx.sid)])
      expect(settled).toEqual(committed)
      const there = await look(tables, 'a', 'notes', `n${round}`)
      expect(there).toBe(committed.state === 'committed' ? round : undefined)
    }
  })

  it('remembers answers of any size and letters, and refuses what is none', async () => {
    const { tables } = await start()
    const results: Json[] = [null, 0, '', [], {}, 'x'.repeat(1_000_000), { "'": '"\\ 😀' }]
    for (const [n, result] of results.entries()) {
      await tables.begin({ tenant: 'a' }).commit({ idempotency: `k${n}`, result })
      expect((await tables.recall('a', `k${n}`))?.result).toEqual(result)
    }
    const wrong: unknown[] = [
      { result: 'a\u0000' },
      { result: Number.NaN },
      { principal: '\ud800' },
      { function: '\u0000' },
      { hash: '\u0000' },
      { request: '\u0000' },
      { idempotency: '' },
      { idempotency: 'k\u0000' },
      { idempotency: 'k'.repeat(501) },
      { bits: { No: 1 } },
      { bits: { notes: 8 } },
      { bits: { notes: -1 } },
      { bits: { notes: 0.5 } },
      { migration: { id: '\u0000', checksum: '' } },
    ]
    for (const meta of wrong) {
      const tx = writing(tables, 'x', 1)
      await expect(tx.commit(meta as CommitMeta)).rejects.toThrow(DocumentInvalid)
      // Nothing was sent: it may still be committed, or not.
      expect((await tx.get('notes', 'x'))?.data).toBe(1)
    }
    expect(numberOf(await writing(tables, 'x', 1).commit({ idempotency: '中'.repeat(500) }))).toBe(8)
    for (const sid of ['', 'x'.repeat(301), 'a\u0000']) {
      expect(() => tables.begin({ tenant: 'a', sid })).toThrow(DocumentInvalid)
      await expect(tables.settle('a', sid)).rejects.toThrow(DocumentInvalid)
    }
    for (const permissions of [-1, 8, 0.5]) {
      const shape = { name: 'notes', indexes: [], permissions }
      await expect(tables.prepare('a', [shape])).rejects.toThrow(DocumentInvalid)
    }
  })
}
