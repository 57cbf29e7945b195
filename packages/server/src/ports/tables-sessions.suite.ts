import { expect, it } from 'vitest'
import { look, numberOf, put, type StartTables } from './tables.suite.ts'
import { type Tables, TablesLost, type Tx, TxClosed } from './tables.ts'

const minute = 60_000

/** The part of the suite about transactions that are put away between calls. */
export function sessionTests(start: StartTables) {
  /** A stand with a transaction of tenant `a` that `ann` put away. */
  async function putAway(prepare: (tx: Tx) => void | Promise<void> = () => undefined) {
    const stand = await start()
    const { one, tables } = stand
    const expiresAt = new Date(one.clock.at + minute)
    const ann = { principal: 'ann', expiresAt }
    const tx = tables.begin({ tenant: 'a' })
    await prepare(tx)
    expect(await tables.suspend(tx, ann)).toBe(true)
    const resume = async (handle: Tables) => {
      const found = await handle.resume('a', 'ann', tx.sid)
      if (found === null) throw new Error('the session is gone')
      return found.tx
    }
    return { ...stand, ann, sid: tx.sid, resume }
  }

  it('goes on with what was put away at its snapshot, by any handle', async () => {
    const { one, tables, open } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    await put(tables, 'a', 'notes', 'gone', 1)
    const other = await open()
    const tx = tables.begin({ tenant: 'a' })
    expect((await tx.get('notes', 'x'))?.data).toBe(1)
    tx.set('notes', "it's", { text: '😀 "\\', list: [null, -0, 1e300] }, 'ann')
    tx.delete('notes', 'gone')
    tx.set('notes', 'gone', 'anew', 'ann')
    const session = { principal: 'ann', expiresAt: new Date(one.clock.at + minute) }
    expect(await tables.suspend(tx, session)).toBe(true)
    await expect(tx.get('notes', 'x')).rejects.toThrow(TxClosed)
    await expect(tables.suspend(tx, session)).rejects.toThrow(TxClosed)
    await put(tables, 'a', 'notes', 'new', 1)
    one.clock.at += 1_000

    const second = await other.resume('a', 'ann', tx.sid)
    expect(second?.begunAt).toEqual(new Date(one.clock.at - 1_000))
    expect(second?.tx.sid).toBe(tx.sid)
    expect(await second?.tx.snapshot()).toBe(2)
    expect(await second?.tx.get('notes', 'new')).toBeNull()
    expect((await second?.tx.get('notes', "it's"))?.data).toEqual({ text: '😀 "\\', list: [null, 0, 1e300] })
    second?.tx.set('notes', 'second', 2, 'ann')
    if (second != null) expect(await other.suspend(second.tx, session)).toBe(true)

    const third = await tables.resume('a', 'ann', tx.sid)
    expect(third?.begunAt).toEqual(second?.begunAt)
    expect(await look(tables, 'a', 'notes', 'second')).toBeUndefined()
    expect(await third?.tx.commit()).toMatchObject({ state: 'committed', number: 4 })
    const reader = tables.begin({ tenant: 'a' })
    const orders = await Promise.all(["it's", 'gone', 'second'].map((id) => reader.get('notes', id)))
    // The row was deleted and made anew, so it has a new place.
    expect(orders.map((row) => row?.order)).toEqual([4096, 4098, 4099])
    expect(await tables.resume('a', 'ann', tx.sid)).toBeNull()
    expect(await tables.suspended('a', 'ann')).toBe(0)
  })

  it('keeps what a put away transaction has read, so that it is refused when that was overtaken', async () => {
    const { one, tables } = await start()
    await tables.prepare('a', [{ name: 'notes', indexes: [{ fields: ['state'] }] }])
    const session = { principal: 'ann', expiresAt: new Date(one.clock.at + minute) }
    const reads = [
      (tx: Tx) => tx.get('notes', 'absent'),
      (tx: Tx) => tx.query('notes', { where: { state: 'open' } }),
    ]
    for (const [n, read] of reads.entries()) {
      const tx = tables.begin({ tenant: 'a', isolation: 'serializable' })
      await read(tx)
      expect(await tables.suspend(tx, session)).toBe(true)
      const overtake = tables.begin({ tenant: 'a' })
      overtake.set('notes', n === 0 ? 'absent' : 'phantom', { state: 'open' }, 'me')
      await overtake.commit()
      const resumed = await tables.resume('a', 'ann', tx.sid)
      resumed?.tx.set('notes', 'mine', n, 'ann')
      expect(await resumed?.tx.commit()).toMatchObject({ state: 'aborted', why: 'conflict' })
    }
    expect(await look(tables, 'a', 'notes', 'mine')).toBeUndefined()
  })

  it('takes its snapshot later when nothing was read before it was put away', async () => {
    const { tables, resume } = await putAway((tx) => {
      tx.set('notes', 'mine', 1, 'ann')
    })
    await put(tables, 'a', 'notes', 'x', 1)
    const tx = await resume(tables)
    expect((await tx.get('notes', 'x'))?.data).toBe(1)
    expect(numberOf(await tx.commit())).toBe(2)
  })

  it("tells nobody apart who asks for what is unknown, expired or another's", async () => {
    const { one, tables, sid, ann } = await putAway()
    const asked: [string, string, string][] = [
      ['a', 'bob', sid],
      ['b', 'ann', sid],
      ['a', 'ann', 'unknown'],
      ['a', '', sid],
    ]
    for (const [tenant, principal, name] of asked) {
      expect(await tables.resume(tenant, principal, name)).toBeNull()
      expect(await tables.forget(tenant, principal, name)).toBe(false)
    }
    expect(await tables.suspended('a', 'ann')).toBe(1)
    expect(await tables.suspended('a', 'bob')).toBe(0)
    expect(await tables.suspended('b', 'ann')).toBe(0)
    one.clock.at = ann.expiresAt.getTime() - 1
    expect(await tables.resume('a', 'ann', sid)).not.toBeNull()
    one.clock.at += 1
    expect(await tables.resume('a', 'ann', sid)).toBeNull()
    expect(await tables.forget('a', 'ann', sid)).toBe(false)
    expect(await tables.suspended('a', 'ann')).toBe(0)
  })

  it('leaves nothing of what was dropped or has expired', async () => {
    const write = (tx: Tx) => {
      tx.set('notes', 'mine', 1, 'ann')
    }
    const dropped = await putAway(write)
    expect(await dropped.tables.forget('a', 'ann', dropped.sid)).toBe(true)
    expect(await dropped.tables.forget('a', 'ann', dropped.sid)).toBe(false)
    const expired = await putAway(write)
    expired.one.clock.at += 60 * minute
    await expired.tables.collect({ now: new Date(expired.one.clock.at), historyMs: minute })
    for (const { tables, sid } of [dropped, expired]) {
      expect(await tables.resume('a', 'ann', sid)).toBeNull()
      expect(await look(tables, 'a', 'notes', 'mine')).toBeUndefined()
      expect(await put(tables, 'a', 'notes', 'x', 1)).toBe(1)
    }
  })

  it('lands exactly one of calls at once, whatever they end in', async () => {
    const { tables, open, resume, ann, sid } = await putAway()
    const handles = [tables, await open(), await open()]
    for (const round of [1, 2, 3]) {
      const txs = await Promise.all(handles.map(resume))
      for (const [n, tx] of txs.entries()) tx.set('notes', `${round} ${n}`, n, 'ann')
      const landed = await Promise.all(txs.map((tx, n) => handles[n]?.suspend(tx, ann)))
      expect(landed.filter((one) => one === true)).toHaveLength(1)
      const mine = await resume(tables)
      for (const [n, one] of landed.entries()) {
        expect((await mine.get('notes', `${round} ${n}`)) === null).toBe(!one)
      }
    }
    const txs = await Promise.all(handles.map(resume))
    const outcomes = await Promise.all(txs.map((tx) => tx.commit()))
    // They share a name: whoever asks again hears what became of it.
    const numbers = outcomes.flatMap((one) => (one.state === 'committed' ? one.number : []))
    expect(numbers.length).toBeGreaterThan(0)
    expect(new Set(numbers)).toEqual(new Set([1]))
    expect(await tables.resume('a', 'ann', sid)).toBeNull()
    expect(await put(tables, 'a', 'notes', 'x', 1)).toBe(2)
  })

  it('does not store again what was committed or dropped meanwhile, nor commit what was put away since', async () => {
    const write = (tx: Tx) => {
      tx.set('notes', 'mine', 1, 'ann')
    }
    const committed = await putAway(write)
    const late = await committed.resume(committed.tables)
    numberOf(await (await committed.resume(committed.tables)).commit())
    expect(await committed.tables.suspend(late, committed.ann)).toBe(false)
    expect(await committed.tables.resume('a', 'ann', committed.sid)).toBeNull()

    const dropped = await putAway(write)
    const [still, lost] = [await dropped.resume(dropped.tables), await dropped.resume(dropped.tables)]
    expect(await dropped.tables.forget('a', 'ann', dropped.sid)).toBe(true)
    expect(await dropped.tables.suspend(still, dropped.ann)).toBe(false)
    expect(await lost.commit()).toMatchObject({ state: 'aborted', why: 'conflict' })
    expect(await look(dropped.tables, 'a', 'notes', 'mine')).toBeUndefined()

    const newer = await putAway(write)
    const old = await newer.resume(newer.tables)
    const next = await newer.resume(newer.tables)
    next.set('notes', 'next', 1, 'ann')
    expect(await newer.tables.suspend(next, newer.ann)).toBe(true)
    expect(await old.commit()).toMatchObject({ state: 'aborted', why: 'conflict' })
    expect(await look(newer.tables, 'a', 'notes', 'mine')).toBeUndefined()
    expect(numberOf(await (await newer.resume(newer.tables)).commit())).toBe(1)
    expect(await look(newer.tables, 'a', 'notes', 'next')).toBe(1)
  })

  it('drops what a call wrote that is not put away', async () => {
    const { tables, resume } = await putAway()
    const thrown = await resume(tables)
    thrown.set('notes', 'thrown', 1, 'ann')
    thrown.abort()
    const next = await resume(tables)
    expect(await next.get('notes', 'thrown')).toBeNull()
    expect(await next.commit()).toMatchObject({ state: 'committed', number: null })
    expect(await tables.suspended('a', 'ann')).toBe(0)
  })

  it('says that the engine is lost', async () => {
    const { one, tables, sid, ann, resume } = await putAway()
    if (one.lose === undefined) return
    const tx = await resume(tables)
    await one.lose()
    const at = { now: new Date(one.clock.at), historyMs: minute }
    await expect(tables.suspend(tx, ann)).rejects.toThrow(TablesLost)
    await expect(tables.resume('a', 'ann', sid)).rejects.toThrow(TablesLost)
    await expect(tables.forget('a', 'ann', sid)).rejects.toThrow(TablesLost)
    await expect(tables.suspended('a', 'ann')).rejects.toThrow(TablesLost)
    await expect(tables.permissions('a')).rejects.toThrow(TablesLost)
    await expect(tables.restrict('a', 'notes', 4)).rejects.toThrow(TablesLost)
    await expect(tables.versions('a', 'notes', 'x', { limit: 1 })).rejects.toThrow(TablesLost)
    await expect(tables.migrations('a')).rejects.toThrow(TablesLost)
    await expect(tables.collect(at)).rejects.toThrow(TablesLost)
    await expect(tables.adopt()).rejects.toThrow(TablesLost)
    await one.find?.()
    if (one.find !== undefined) expect(await tables.suspended('a', 'ann')).toBe(1)
  })

  it('finds what was put away after reopening', async () => {
    const { one, tables, open, resume } = await putAway(async (tx) => {
      await tx.snapshot()
      tx.set('notes', 'mine', 1, 'ann')
    })
    if (!one.durable) return
    await tables.close()
    const again = await open()
    expect(await again.suspended('a', 'ann')).toBe(1)
    expect(numberOf(await (await resume(again)).commit())).toBe(1)
    expect(await look(again, 'a', 'notes', 'mine')).toBe(1)
  })
}
