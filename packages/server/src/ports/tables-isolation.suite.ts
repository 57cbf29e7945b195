import { expect, it } from 'vitest'
import { look, numberOf, put, type StartTables } from './tables.suite.ts'
import type { Tables } from './tables.ts'

/** Adds one to a counter, again after each conflict; answers the commit's number. */
async function add(tables: Tables, tenant: string): Promise<number> {
  for (;;) {
    const tx = tables.begin({ tenant })
    const before = (await tx.get('counters', 'n'))?.data ?? 0
    tx.set('counters', 'n', Number(before) + 1, 'me')
    const outcome = await tx.commit()
    if (outcome.state === 'committed') return outcome.number ?? 0
    expect(outcome).toEqual({ state: 'aborted', why: 'conflict', table: 'counters', id: 'n' })
  }
}

/** The part of the suite about what transactions see of each other. */
export function isolationTests(start: StartTables) {
  it('shows a transaction its own writes, and nobody else', async () => {
    const { tables, open } = await start()
    const other = await open()
    await put(tables, 'a', 'notes', 'x', 1)
    const tx = tables.begin({ tenant: 'a' })
    tx.set('notes', 'x', 2, 'me')
    tx.set('notes', 'y', 3, 'me')
    expect((await tx.get('notes', 'x'))?.data).toBe(2)
    expect((await tx.get('notes', 'y'))?.data).toBe(3)
    tx.delete('notes', 'x')
    expect(await tx.get('notes', 'x')).toBeNull()
    for (const handle of [tables, other]) {
      expect(await look(handle, 'a', 'notes', 'x')).toBe(1)
      expect(await look(handle, 'a', 'notes', 'y')).toBeUndefined()
    }
    await tx.commit()
    for (const handle of [tables, other]) {
      expect(await look(handle, 'a', 'notes', 'x')).toBeUndefined()
      expect(await look(handle, 'a', 'notes', 'y')).toBe(3)
    }
  })

  it('reads at one snapshot, whatever is committed meanwhile', async () => {
    const { tables, open } = await start()
    const other = await open()
    for (const id of ['same', 'changed', 'gone', 'renewed']) await put(tables, 'a', 'notes', id, 1)
    const tx = tables.begin({ tenant: 'a' })
    expect(await tx.snapshot()).toBe(4)
    const seen = async () => {
      const rows = []
      for (const id of ['same', 'changed', 'gone', 'renewed', 'new']) rows.push(await tx.get('notes', id))
      return [...rows, await tx.get('later', 'x')]
    }
    const before = await seen()
    expect(before.map((row) => row?.data)).toEqual([1, 1, 1, 1, undefined, undefined])
    for (const round of [2, 3, 4]) {
      const change = other.begin({ tenant: 'a' })
      change.set('notes', 'changed', round, 'me')
      change.delete('notes', 'gone')
      if (round % 2 === 0) change.delete('notes', 'renewed')
      else change.set('notes', 'renewed', round, 'me')
      change.set('notes', 'new', round, 'me')
      change.set('later', 'x', round, 'me')
      await change.commit()
      expect(await seen()).toEqual(before)
    }
    expect(await tx.snapshot()).toBe(4)
    expect(await look(tables, 'a', 'notes', 'changed')).toBe(4)
  })

  it('does not see what was deleted before its snapshot and made again after it', async () => {
    const { tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    const remove = tables.begin({ tenant: 'a' })
    remove.delete('notes', 'x')
    await remove.commit()
    const between = tables.begin({ tenant: 'a' })
    expect(await between.snapshot()).toBe(2)
    // Deleting what is deleted changes nothing of it.
    const again = tables.begin({ tenant: 'a' })
    again.delete('notes', 'x')
    expect(numberOf(await again.commit())).toBe(3)
    expect(await between.get('notes', 'x')).toBeNull()
    await put(tables, 'a', 'notes', 'x', 2)
    await put(tables, 'a', 'notes', 'x', 3)
    expect(await between.get('notes', 'x')).toBeNull()
  })

  it('fixes one snapshot for reads that begin together', async () => {
    const { tables, open } = await start()
    const other = await open()
    let writing = true
    const writer = (async () => {
      for (let n = 1; writing; n += 1) {
        const tx = other.begin({ tenant: 'a' })
        for (const table of ['left', 'right']) tx.set(table, 'x', n, 'me')
        await tx.commit()
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    for (let round = 0; round < 100; round += 1) {
      const tx = tables.begin({ tenant: 'a' })
      const [left, right] = await Promise.all([tx.get('left', 'x'), tx.get('right', 'x')])
      const again = await tx.get('left', 'x')
      expect([right?.data, right?.txid]).toEqual([left?.data, left?.txid])
      expect(again).toEqual(left)
    }
    writing = false
    await writer
  })

  it.each(['snapshot', 'serializable'] as const)('refuses a lost update under %s', async (isolation) => {
    const { tables, open } = await start()
    const other = await open()
    await put(tables, 'a', 'notes', 'x', 1)
    const [first, second, third] = [tables, other, other].map((handle) =>
      handle.begin({ tenant: 'a', isolation }),
    )
    if (first === undefined || second === undefined || third === undefined) throw new Error('no transaction')
    for (const tx of [first, second, third]) await tx.get('notes', 'x')
    first.set('notes', 'x', 2, 'me')
    second.set('notes', 'y', 0, 'me')
    second.set('notes', 'x', 3, 'me')
    third.delete('notes', 'x')
    expect(numberOf(await first.commit())).toBe(2)
    const refused = { state: 'aborted', why: 'conflict', table: 'notes', id: 'x' }
    expect(await second.commit()).toEqual(refused)
    expect(await third.commit()).toEqual(refused)
    expect(await look(tables, 'a', 'notes', 'x')).toBe(2)
    expect(await look(tables, 'a', 'notes', 'y')).toBeUndefined()
    expect(await put(tables, 'a', 'notes', 'z', 1)).toBe(3)
  })

  it('refuses to write over what was made, deleted or made again since the snapshot', async () => {
    const { tables, open } = await start()
    const other = await open()
    for (const id of ['deleted', 'renewed']) await put(tables, 'a', 'notes', id, 1)
    const late = () => {
      const tx = tables.begin({ tenant: 'a' })
      return tx.snapshot().then(() => tx)
    }
    const [made, deleted, renewed, erased, elsewhere] = [
      await late(),
      await late(),
      await late(),
      await late(),
      await late(),
    ]
    await put(other, 'a', 'notes', 'made', 1)
    const change = other.begin({ tenant: 'a' })
    change.delete('notes', 'deleted')
    change.delete('notes', 'renewed')
    await change.commit()
    await put(other, 'a', 'notes', 'renewed', 2)
    for (const [tx, id] of [
      [made, 'made'],
      [deleted, 'deleted'],
      [renewed, 'renewed'],
    ] as const) {
      tx.set('notes', id, 9, 'me')
      expect(await tx.commit()).toEqual({ state: 'aborted', why: 'conflict', table: 'notes', id })
    }
    erased.delete('notes', 'deleted')
    expect((await erased.commit()).state).toBe('aborted')
    elsewhere.set('notes', 'elsewhere', 9, 'me')
    expect((await elsewhere.commit()).state).toBe('committed')
  })

  it('never refuses a transaction that has read nothing', async () => {
    const { tables } = await start()
    const tx = tables.begin({ tenant: 'a' })
    tx.set('notes', 'x', 1, 'me')
    await put(tables, 'a', 'notes', 'x', 2)
    await put(tables, 'a', 'notes', 'x', 3)
    expect(numberOf(await tx.commit())).toBe(3)
    expect(await look(tables, 'a', 'notes', 'x')).toBe(1)
  })

  it('allows write skew under snapshot, refuses it under serializable', async () => {
    const { tables, open } = await start()
    const other = await open()
    for (const isolation of ['snapshot', 'serializable'] as const) {
      const tenant = isolation
      await put(tables, tenant, 'duty', 'one', 1)
      await put(tables, tenant, 'duty', 'two', 1)
      const left = tables.begin({ tenant, isolation })
      const right = other.begin({ tenant, isolation })
      for (const tx of [left, right]) for (const id of ['one', 'two']) await tx.get('duty', id)
      left.set('duty', 'one', 0, 'me')
      right.set('duty', 'two', 0, 'me')
      expect((await left.commit()).state).toBe('committed')
      const outcome = await right.commit()
      if (isolation === 'snapshot') expect(outcome.state).toBe('committed')
      else expect(outcome).toEqual({ state: 'aborted', why: 'conflict', table: 'duty', id: 'one' })
    }
  })

  it('refuses under serializable what was read as absent and made since, in a table made since too', async () => {
    const { tables, open } = await start()
    const other = await open()
    await put(tables, 'a', 'notes', 'x', 1)
    for (const table of ['notes', 'later']) {
      const [snapshot, serializable] = (['snapshot', 'serializable'] as const).map((isolation) =>
        tables.begin({ tenant: 'a', isolation }),
      )
      if (snapshot === undefined || serializable === undefined) throw new Error('no transaction')
      for (const tx of [snapshot, serializable]) {
        expect(await tx.get(table, 'new')).toBeNull()
        tx.set('notes', `seen by ${tx.sid}`, 1, 'me')
      }
      await put(other, 'a', table, 'unread', 1)
      await put(other, 'a', table, 'new', 1)
      expect((await snapshot.commit()).state).toBe('committed')
      expect(await serializable.commit()).toEqual({ state: 'aborted', why: 'conflict', table, id: 'new' })
    }
  })

  it('lets what was read and not written since stand, under serializable', async () => {
    const { tables, open } = await start()
    const other = await open()
    await put(tables, 'a', 'notes', 'x', 1)
    const tx = tables.begin({ tenant: 'a', isolation: 'serializable' })
    await tx.get('notes', 'x')
    await tx.get('notes', 'absent')
    await tx.get('nothing', 'x')
    await put(other, 'a', 'notes', 'y', 1)
    // A delete of nothing writes nothing.
    const idle = other.begin({ tenant: 'a' })
    idle.delete('notes', 'absent')
    await idle.commit()
    tx.set('notes', 'z', 1, 'me')
    expect((await tx.commit()).state).toBe('committed')
  })

  it('gives commits that come together each its own verdict, all numbers in a row', async () => {
    const { tables } = await start()
    await put(tables, 'a', 'notes', 'contended', 0)
    const txs = Array.from({ length: 60 }, () => tables.begin({ tenant: 'a' }))
    for (const [n, tx] of txs.entries()) {
      await tx.get('notes', 'contended')
      tx.set('notes', n % 3 === 0 ? 'contended' : `own ${n}`, n, 'me')
    }
    const outcomes = await Promise.all(txs.map((tx) => tx.commit()))
    const numbers = outcomes.flatMap((one) => (one.state === 'committed' ? [one.number] : []))
    expect(numbers).toHaveLength(41)
    expect([...numbers].sort((x, y) => Number(x) - Number(y))).toEqual(
      Array.from({ length: 41 }, (_, n) => n + 2),
    )
    const reader = tables.begin({ tenant: 'a' })
    for (const [n, outcome] of outcomes.entries()) {
      const row = await reader.get('notes', n % 3 === 0 ? 'contended' : `own ${n}`)
      if (outcome.state === 'committed') expect(row).toMatchObject({ data: n, txid: outcome.number })
      else expect(n % 3).toBe(0)
    }
  })

  it('adds up what two handles add at once, without a gap', async () => {
    const { tables, open } = await start()
    const handles = [tables, await open()]
    const numbers = await Promise.all(
      handles.map(async (handle) => {
        const mine: number[] = []
        for (let n = 0; n < 200; n += 1) mine.push(await add(handle, 'a'))
        return mine
      }),
    )
    expect(await look(tables, 'a', 'counters', 'n')).toBe(400)
    expect(numbers.flat().sort((x, y) => x - y)).toEqual(Array.from({ length: 400 }, (_, n) => n + 1))
    expect(await tables.begin({ tenant: 'a' }).snapshot()).toBe(400)
  })
}
