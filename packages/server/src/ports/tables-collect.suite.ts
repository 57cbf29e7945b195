import fc from 'fast-check'
import { expect, it } from 'vitest'
import { look, numberOf, put, type StartTables, type TablesStand } from './tables.suite.ts'
import { HistoryGone, type Tables } from './tables.ts'

const hour = 60 * 60_000
const day = 24 * hour

const collect = (tables: Tables, one: TablesStand, historyMs = hour) =>
  tables.collect({ now: new Date(one.clock.at), historyMs })

/** What a snapshot sees of a table, by id. */
async function seen(tables: Tables, tenant: string, at: number) {
  const { rows } = await tables.begin({ tenant, at }).query('notes', { limit: 1_000 })
  return rows.map(({ id, data, txid, order }) => ({ id, data, txid, order }))
}

const countOf = async (tables: Tables, id: string) =>
  (await tables.versions('a', 'notes', id, { limit: 1_000 })).length

async function remove(tables: Tables, tenant: string, id: string) {
  const tx = tables.begin({ tenant })
  tx.delete('notes', id)
  return numberOf(await tx.commit())
}

/** The part of the suite about purging what nobody sees any more. */
export function collectTests(start: StartTables) {
  it('purges versions that ended before the history, and deleted rows, and keeps all that is left readable', async () => {
    const { one, tables } = await start()
    for (let n = 1; n <= 4; n += 1) await put(tables, 'a', 'notes', 'x', n)
    await put(tables, 'a', 'notes', 'gone', 5)
    await remove(tables, 'a', 'gone')
    await put(tables, 'b', 'notes', 'x', 1)
    one.clock.at += 30 * 60_000
    await put(tables, 'a', 'notes', 'x', 7)
    await put(tables, 'a', 'notes', 'late', 8)
    await remove(tables, 'a', 'late')
    expect(await collect(tables, one)).toEqual({ purged: 0 })
    expect(await countOf(tables, 'x')).toBe(5)

    one.clock.at += 45 * 60_000
    const wanted = await Promise.all([6, 7, 8, 9].map((at) => seen(tables, 'a', at)))
    expect(await collect(tables, one)).toEqual({ purged: 4 })
    expect(await Promise.all([6, 7, 8, 9].map((at) => seen(tables, 'a', at)))).toEqual(wanted)
    expect((await tables.versions('a', 'notes', 'x', { limit: 9 })).map((one) => one.txid)).toEqual([7, 4])
    expect(await countOf(tables, 'gone')).toBe(0)
    expect(await countOf(tables, 'late')).toBe(1)
    for (const at of [1, 5, new Date(1_699_999_999_999)]) {
      await expect(tables.begin({ tenant: 'a', at }).get('notes', 'x')).rejects.toThrow(HistoryGone)
    }
    const half = tables.begin({ tenant: 'a', at: new Date(1_700_000_000_000 + 60_000) })
    expect(await half.snapshot()).toBe(6)
    expect((await half.get('notes', 'x'))?.data).toBe(4)
    expect(await collect(tables, one)).toEqual({ purged: 0 })
    expect(await look(tables, 'b', 'notes', 'x')).toBe(1)
    // A row that left is made anew as any.
    expect(await put(tables, 'a', 'notes', 'gone', 10)).toBe(10)
    expect((await tables.begin({ tenant: 'a' }).get('notes', 'gone'))?.order).toBe(10 * 1024)
    await expect(tables.begin({ tenant: 'a', at: 5 }).get('notes', 'x')).rejects.toThrow(HistoryGone)
  })

  it('loses nothing that a session sees, and purges it when that is over', async () => {
    const { one, tables, open } = await start()
    for (let n = 1; n <= 3; n += 1) await put(tables, 'a', 'notes', 'x', n)
    await put(tables, 'a', 'notes', 'gone', 4)
    const tx = tables.begin({ tenant: 'a' })
    expect(await tx.snapshot()).toBe(4)
    tx.set('marks', 'mine', 1, 'ann')
    const until = new Date(one.clock.at + 3 * day)
    expect(await tables.suspend(tx, { principal: 'ann', expiresAt: until })).toBe(true)
    await put(tables, 'a', 'notes', 'x', 5)
    await remove(tables, 'a', 'gone')
    for (let n = 7; n <= 9; n += 1) await put(tables, 'a', 'notes', 'x', n)

    one.clock.at += 2 * day
    expect(await collect(tables, one)).toEqual({ purged: 2 })
    const other = await open()
    const resumed = await other.resume('a', 'ann', tx.sid)
    const read = async (id: string) => (await resumed?.tx.get('notes', id))?.data
    expect([await read('x'), await read('gone')]).toEqual([3, 4])
    const { rows } = (await resumed?.tx.query('notes', {})) ?? { rows: [] }
    expect(rows.map((row) => row.data)).toEqual([4, 3])
    expect(await resumed?.tx.commit()).toMatchObject({ number: 10 })
    expect(await collect(other, one)).toEqual({ purged: 5 })
    expect((await tables.versions('a', 'notes', 'x', { limit: 9 })).map((one) => one.txid)).toEqual([9])
    expect(await look(tables, 'a', 'notes', 'x')).toBe(9)
  })

  it('is not held up by a session that expired', async () => {
    const { one, tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    const tx = tables.begin({ tenant: 'a' })
    await tx.snapshot()
    await tables.suspend(tx, { principal: 'ann', expiresAt: new Date(one.clock.at + 30_000) })
    await put(tables, 'a', 'notes', 'x', 2)
    one.clock.at += 2 * hour
    expect(await collect(tables, one)).toEqual({ purged: 1 })
  })

  it('leaves a session that expired while a call of it ran', async () => {
    const { one, tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    const session = { principal: 'ann', expiresAt: new Date(one.clock.at + 30_000) }
    const tx = tables.begin({ tenant: 'a' })
    await tx.snapshot()
    await tables.suspend(tx, session)
    const running = await tables.resume('a', 'ann', tx.sid)
    await put(tables, 'a', 'notes', 'x', 2)
    one.clock.at += 60_000
    expect(await collect(tables, one, 1_000)).toEqual({ purged: 0 })
    expect((await running?.tx.get('notes', 'x'))?.data).toBe(1)
    const later = { ...session, expiresAt: new Date(one.clock.at + 30_000) }
    if (running != null) expect(await tables.suspend(running.tx, later)).toBe(true)
    expect(await tables.suspended('a', 'ann')).toBe(1)
  })

  it('refuses a session that was overtaken, also by what was purged since', async () => {
    const { one, tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    const tx = tables.begin({ tenant: 'a' })
    await tx.get('notes', 'x')
    tx.set('notes', 'x', 'mine', 'ann')
    await tables.suspend(tx, { principal: 'ann', expiresAt: new Date(one.clock.at + day) })
    await remove(tables, 'a', 'x')
    one.clock.at += 2 * hour
    expect(await collect(tables, one)).toEqual({ purged: 0 })
    const resumed = await tables.resume('a', 'ann', tx.sid)
    expect(await resumed?.tx.commit()).toEqual({ state: 'aborted', why: 'conflict', table: 'notes', id: 'x' })
  })

  it('refuses a transaction whose snapshot lies before what was purged, as nobody can say what it missed', async () => {
    const { one, tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    const begin = async (isolation: 'snapshot' | 'serializable') => {
      const tx = tables.begin({ tenant: 'a', isolation })
      await tx.get('notes', 'x')
      return tx
    }
    const [late, empty, reading] = [
      await begin('snapshot'),
      await begin('snapshot'),
      await begin('serializable'),
    ]
    late.set('notes', 'x', 'late', 'me')
    await remove(tables, 'a', 'x')
    one.clock.at += 2 * hour
    expect(await collect(tables, one)).toEqual({ purged: 1 })
    expect(await late.commit()).toEqual({ state: 'aborted', why: 'conflict' })
    expect(await reading.commit({ idempotency: 'r' })).toMatchObject({ state: 'aborted', why: 'conflict' })
    expect(await look(tables, 'a', 'notes', 'x')).toBeUndefined()
    // It compares nothing.
    expect(numberOf(await empty.commit({ idempotency: 'e' }))).toBe(3)
  })

  it('forgets keys and answers after a day, and transactions that may never commit', async () => {
    const { one, tables } = await start()
    const keyed = tables.begin({ tenant: 'a' })
    keyed.set('notes', 'x', 1, 'me')
    await keyed.commit({ principal: 'ann', idempotency: 'k', request: 'r', result: 'answer' })
    expect(await tables.settle('a', 'never')).toMatchObject({ state: 'aborted' })
    one.clock.at += day - 1
    await collect(tables, one)
    expect(await tables.recall('a', 'k')).toMatchObject({ number: 1, result: 'answer' })
    one.clock.at += 1
    await collect(tables, one)
    expect(await tables.recall('a', 'k')).toBeNull()
    expect(await tables.versions('a', 'notes', 'x', { limit: 1 })).toMatchObject([{ principal: 'ann' }])
    const again = tables.begin({ tenant: 'a' })
    again.set('notes', 'x', 2, 'me')
    expect(numberOf(await again.commit({ idempotency: 'k' }))).toBe(2)
  })

  it('tells a follower that lags behind purged commits so, and never skips any', async () => {
    const { one, tables } = await start()
    for (let n = 1; n <= 5; n += 1) await put(tables, 'a', 'notes', 'x', n)
    one.clock.at += day
    const next = async (after: number) => {
      const ended = new AbortController()
      for await (const { number } of tables.changes('a', after, ended.signal)) {
        ended.abort()
        return number
      }
      return null
    }
    // The horizon may be at the last, but its commits are kept for a day.
    one.clock.at -= 1
    await collect(tables, one)
    expect([await next(0), await next(3)]).toEqual([1, 4])
    one.clock.at += 1
    await collect(tables, one)
    for (const after of [0, 3]) await expect(next(after)).rejects.toThrow(HistoryGone)
    expect(await next(4)).toBe(5)
    await put(tables, 'a', 'notes', 'x', 6)
    expect(await next(5)).toBe(6)
    await expect(next(2)).rejects.toThrow(HistoryGone)
    expect((await tables.versions('a', 'notes', 'x', { limit: 9 })).map((one) => one.txid)).toEqual([6, 5])
  })

  it('purges much in batches, by two at once, while others write', async () => {
    const { one, tables, open } = await start()
    const other = await open()
    for (let round = 0; round < 4; round += 1) {
      const tx = tables.begin({ tenant: 'a' })
      for (let n = 0; n < 700; n += 1) tx.set('notes', `n${n}`, round, 'me')
      numberOf(await tx.commit())
    }
    one.clock.at += 2 * day
    const writing = (async () => {
      for (let n = 0; n < 20; n += 1) await put(other, 'a', 'notes', `n${n}`, 4)
    })()
    const purged = await Promise.all([collect(tables, one), collect(other, one)])
    await writing
    expect(purged[0].purged + purged[1].purged).toBe(2_100)
    const { rows } = await tables.begin({ tenant: 'a' }).query('notes', { limit: 1_000 })
    expect(rows.map((row) => row.data).sort()).toEqual([
      ...Array.from({ length: 680 }, () => 3),
      ...Array.from({ length: 20 }, () => 4),
    ])
    expect((await seen(tables, 'a', 4)).every(({ data }) => data === 3)).toBe(true)
    expect(await seen(tables, 'a', 4)).toHaveLength(700)
  })

  it('leaves every snapshot from the horizon on as it was, in random histories', async () => {
    const { one, tables } = await start()
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      change: fc.constantFrom('set', 'set', 'delete', 'renew'),
      waits: fc.integer({ min: 0, max: 40 }),
    })
    let tenants = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const tenant = `t${tenants++}`
        for (const [n, { id, change, waits }] of steps.entries()) {
          one.clock.at += waits * 60_000
          const tx = tables.begin({ tenant })
          if (change !== 'set') tx.delete('notes', id)
          if (change !== 'delete') tx.set('notes', id, n, 'me')
          await tx.commit()
        }
        const states = []
        for (let at = 0; at <= steps.length; at += 1) states.push(await seen(tables, tenant, at))
        await collect(tables, one)
        let gone = true
        for (const [at, state] of states.entries()) {
          const now = await seen(tables, tenant, at).catch((error: unknown) => {
            if (error instanceof HistoryGone && gone) return null
            throw error
          })
          if (now !== null) {
            gone = false
            expect(now).toEqual(state)
          }
        }
        expect(gone).toBe(false)
      }),
      { numRuns: Math.min(one.histories, 60), seed: 1 },
    )
  })
}
