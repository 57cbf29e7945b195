import { afterEach, describe, expect, it } from 'vitest'
import { type Outcome, type Tables, TablesLost, TxClosed } from './tables.ts'
import { anomalyTests } from './tables-anomalies.suite.ts'
import { asOfTests } from './tables-as-of.suite.ts'
import { changesTests } from './tables-changes.suite.ts'
import { commitMetaTests } from './tables-commit-meta.suite.ts'
import { documentTests } from './tables-documents.suite.ts'
import { isolationTests } from './tables-isolation.suite.ts'
import { listedTests } from './tables-listed.suite.ts'
import { modelTests } from './tables-model.suite.ts'
import { queryTests } from './tables-query.suite.ts'
import { queryModelTests } from './tables-query-model.suite.ts'
import { uniqueTests } from './tables-unique.suite.ts'

/** One engine under test: opens handles on the same store. */
export interface TablesStand {
  /** A handle on the clock below; each call gives a new one on the same store. */
  open(): Promise<Tables>
  /** Unix ms; tests set it. */
  readonly clock: { at: number }
  /** Whether what was committed is there after every handle was closed. */
  readonly durable: boolean
  /** How many random histories to try. */
  readonly histories: number
  /** Makes the engine go away for handles that are open. */
  readonly lose?: () => Promise<void>
  /** Lets it come back for them, if it can. */
  readonly find?: () => Promise<void>
  dispose(): Promise<void>
}

/** Begins a test: a handle, and more on the same store. */
export type StartTables = () => Promise<{
  readonly one: TablesStand
  readonly tables: Tables
  open(): Promise<Tables>
}>

/** The number of a commit that must have succeeded. */
export function numberOf(outcome: Outcome): number {
  expect(outcome).toMatchObject({ state: 'committed', number: expect.any(Number) })
  return outcome.state === 'committed' ? (outcome.number ?? 0) : 0
}

/** Commits one document by itself. */
export async function put(tables: Tables, tenant: string, table: string, id: string, data: number) {
  const tx = tables.begin({ tenant })
  tx.set(table, id, data, 'me')
  return numberOf(await tx.commit())
}

/** A document as a new transaction sees it; undefined without one. */
export async function look(tables: Tables, tenant: string, table: string, id: string) {
  return (await tables.begin({ tenant }).get(table, id))?.data
}

/** The suite of the port `tables`: every engine runs it. */
export function tablesSuite(name: string, stand: () => Promise<TablesStand>) {
  describe(`tables on ${name}`, () => {
    const stands: TablesStand[] = []
    const handles: Tables[] = []
    afterEach(async () => {
      for (const tables of handles.splice(0)) await tables.close()
      for (const one of stands.splice(0)) await one.dispose()
    })
    const start: StartTables = async () => {
      const one = await stand()
      stands.push(one)
      const open = async () => {
        const tables = await one.open()
        handles.push(tables)
        return tables
      }
      return { one, open, tables: await open() }
    }

    it('gives back what was committed, under numbers without a gap', async () => {
      const { tables } = await start()
      const tx = tables.begin({ tenant: 'a' })
      expect(await tx.snapshot()).toBe(0)
      expect(await tx.get('notes', 'x')).toBeNull()
      expect(tx.set('notes', 'x', { title: 'one' }, 'me')).toBe('x')
      expect(await tx.commit()).toEqual({ state: 'committed', number: 1, at: new Date(1_700_000_000_000) })
      expect(await put(tables, 'a', 'notes', 'y', 2)).toBe(2)
      const reader = tables.begin({ tenant: 'a' })
      expect(await reader.get('notes', 'x')).toEqual({
        id: 'x',
        data: { title: 'one' },
        owner: 'me',
        txid: 1,
        order: 1024,
      })
      expect(await reader.get('notes', 'z')).toBeNull()
      expect(await reader.get('other', 'x')).toBeNull()
      expect(await reader.snapshot()).toBe(2)
    })

    it('stores nothing without writes', async () => {
      const { tables } = await start()
      await put(tables, 'a', 'notes', 'x', 1)
      for (const isolation of ['snapshot', 'serializable'] as const) {
        const tx = tables.begin({ tenant: 'a', isolation })
        await tx.get('notes', 'x')
        await put(tables, 'a', 'notes', 'x', 2)
        expect(await tx.commit()).toEqual({ state: 'committed', number: null, at: expect.any(Date) })
      }
      const dropped = tables.begin({ tenant: 'a' })
      dropped.set('notes', 'x', 9, 'me')
      dropped.abort()
      expect(await put(tables, 'a', 'notes', 'y', 1)).toBe(4)
      expect(await look(tables, 'a', 'notes', 'x')).toBe(2)
    })

    it('gives each transaction a name of its own, and a new id to what is appended', async () => {
      const { tables } = await start()
      const tx = tables.begin({ tenant: 'a' })
      expect(tx.sid).not.toBe(tables.begin({ tenant: 'a' }).sid)
      const ids = [tx.set('notes', null, 1, 'me'), tx.set('notes', null, 2, 'me')]
      expect(new Set(ids).size).toBe(2)
      await tx.commit()
      for (const [n, id] of ids.entries()) expect(await look(tables, 'a', 'notes', id)).toBe(n + 1)
    })

    it('keeps tenants apart', async () => {
      const { tables } = await start()
      const tenants = ['a', 'A', 'a b', "a'b", 'a"; drop table heads', '_platform', 'ä', '😀', 'notes']
      for (const [n, tenant] of tenants.entries()) expect(await put(tables, tenant, 'notes', 'x', n)).toBe(1)
      for (const [n, tenant] of tenants.entries()) {
        expect(await look(tables, tenant, 'notes', 'x')).toBe(n)
        expect(await tables.begin({ tenant }).snapshot()).toBe(1)
      }
      expect(await look(tables, 'b', 'notes', 'x')).toBeUndefined()
      // Another tenant's commits overtake nobody.
      const tx = tables.begin({ tenant: 'a', isolation: 'serializable' })
      await tx.get('notes', 'x')
      await put(tables, 'A', 'notes', 'x', 5)
      tx.set('notes', 'x', 6, 'me')
      expect(numberOf(await tx.commit())).toBe(2)
    })

    it('keeps order and owner of a row through updates, and gives both anew to one made again', async () => {
      const { tables } = await start()
      const make = tables.begin({ tenant: 'a' })
      for (const id of ['c', 'a', 'b']) make.set('notes', id, id, 'me')
      make.set('notes', 'a', 'again', 'you')
      make.delete('notes', 'c')
      make.set('notes', 'c', 'last', 'you')
      await make.commit()
      const rows = async (...ids: string[]) => {
        const tx = tables.begin({ tenant: 'a' })
        return Promise.all(ids.map((id) => tx.get('notes', id)))
      }
      const [a, b, c] = await rows('a', 'b', 'c')
      expect([a?.owner, b?.owner, c?.owner]).toEqual(['me', 'me', 'you'])
      const orders = [a?.order ?? 0, b?.order ?? 0, c?.order ?? 0]
      expect(orders).toEqual([...orders].sort((x, y) => x - y))
      expect(orders.every((order) => order >= 1024 && order < 2048)).toBe(true)

      const change = tables.begin({ tenant: 'a' })
      change.set('notes', 'a', 'changed', 'you')
      change.delete('notes', 'b')
      expect(await change.get('notes', 'a')).toEqual({ ...a, data: 'changed', txid: 2 })
      await change.commit()
      expect((await rows('a'))[0]).toEqual({ ...a, data: 'changed', txid: 2 })

      const anew = tables.begin({ tenant: 'a' })
      anew.set('notes', 'b', 'new', 'you')
      anew.delete('notes', 'a')
      anew.set('notes', 'a', 'new', 'them')
      const own = [await anew.get('notes', 'b'), await anew.get('notes', 'a')]
      expect(own).toMatchObject([
        { owner: 'you', txid: 3, order: 3 * 1024 },
        { owner: 'them', txid: 3 },
      ])
      await anew.commit()
      expect(await rows('b', 'a')).toEqual(own)
    })

    it('takes many writes at once, the order of the next commit behind them all', async () => {
      const { tables } = await start()
      const tx = tables.begin({ tenant: 'a' })
      for (let n = 0; n < 1_500; n += 1) tx.set(n % 2 === 0 ? 'even' : 'odd', `n${n}`, { n }, 'me')
      expect(numberOf(await tx.commit())).toBe(1)
      const reader = tables.begin({ tenant: 'a' })
      const read = (n: number) => reader.get(n % 2 === 0 ? 'even' : 'odd', `n${n}`)
      expect(await read(0)).toMatchObject({ data: { n: 0 }, order: 1024 })
      expect(await read(777)).toMatchObject({ data: { n: 777 }, order: 1024 + 777 })
      expect((await read(1_499))?.order).toBe(2047)
      await put(tables, 'a', 'even', 'next', 1)
      expect((await tables.begin({ tenant: 'a' }).get('even', 'next'))?.order).toBe(2048)
    })

    it('lets the time of commits never fall back', async () => {
      const { one, tables } = await start()
      const at = async (now: number) => {
        one.clock.at = now
        const tx = tables.begin({ tenant: 'a' })
        tx.set('notes', 'x', now, 'me')
        const outcome = await tx.commit()
        return outcome.state === 'committed' ? outcome.at.getTime() : null
      }
      expect([await at(5_001), await at(4_000), await at(5_002)]).toEqual([5_001, 5_001, 5_002])
    })

    documentTests(start)
    isolationTests(start)
    anomalyTests(start)
    commitMetaTests(start)
    asOfTests(start)
    listedTests(start)
    modelTests(start)
    queryTests(start)
    queryModelTests(start)
    uniqueTests(start)
    changesTests(start)

    it('is over after commit or abort', async () => {
      const { tables } = await start()
      const aborted = tables.begin({ tenant: 'a' })
      aborted.abort()
      const committed = tables.begin({ tenant: 'a' })
      committed.set('notes', 'x', 1, 'me')
      await committed.commit()
      committed.abort()
      for (const tx of [aborted, committed]) {
        await expect(tx.get('notes', 'x')).rejects.toThrow(TxClosed)
        await expect(tx.query('notes', {})).rejects.toThrow(TxClosed)
        await expect(tx.getAll('notes', ['x'])).rejects.toThrow(TxClosed)
        await expect(tx.snapshot()).rejects.toThrow(TxClosed)
        await expect(tx.commit()).rejects.toThrow(TxClosed)
        expect(() => tx.set('notes', 'x', 2, 'me')).toThrow(TxClosed)
        expect(() => tx.delete('notes', 'x')).toThrow(TxClosed)
      }
      expect(await look(tables, 'a', 'notes', 'x')).toBe(1)
    })

    it('finds everything again after reopening', async () => {
      const { one, tables, open } = await start()
      if (!one.durable) return
      await tables.prepare('a', [{ name: 'notes', indexes: [{ fields: ['size'] }] }])
      await put(tables, 'a', 'notes', 'x', 1)
      await put(tables, 'a', 'notes', 'x', 2)
      await tables.close()
      const again = await open()
      expect(await look(again, 'a', 'notes', 'x')).toBe(2)
      const found = await again.begin({ tenant: 'a' }).query('notes', { where: { size: null } })
      expect(found.rows.map((row) => row.data)).toEqual([2])
      expect(await put(again, 'a', 'notes', 'x', 3)).toBe(3)
    })

    it('says that it is closed, and closes twice', async () => {
      const { tables, open } = await start()
      const other = await open()
      await tables.check()
      const tx = tables.begin({ tenant: 'a' })
      tx.set('notes', 'x', 1, 'me')
      await tables.close()
      await tables.close()
      await expect(tables.check()).rejects.toThrow(TablesLost)
      await expect(tables.prepare('a', [{ name: 'notes', indexes: [] }])).rejects.toThrow(TablesLost)
      await expect(tables.begin({ tenant: 'a' }).query('notes', {})).rejects.toThrow(TablesLost)
      await expect(tables.begin({ tenant: 'a' }).get('notes', 'x')).rejects.toThrow(TablesLost)
      await expect(tables.begin({ tenant: 'a' }).snapshot()).rejects.toThrow(TablesLost)
      await expect(tables.begin({ tenant: 'a' }).getAll('notes', ['x'])).rejects.toThrow(TablesLost)
      await expect(tables.begin({ tenant: 'a', at: 0 }).snapshot()).rejects.toThrow(TablesLost)
      await expect(tables.settle('a', tx.sid)).rejects.toThrow(TablesLost)
      await expect(tables.recall('a', 'k')).rejects.toThrow(TablesLost)
      await expect(tx.commit()).rejects.toThrow(TablesLost)
      expect(await look(other, 'a', 'notes', 'x')).toBeUndefined()
    })

    it('says that the engine is lost, and works on when it is back', async () => {
      const { one, tables, open } = await start()
      if (one.lose === undefined) return
      await put(tables, 'a', 'notes', 'x', 1)
      const reading = tables.begin({ tenant: 'a' })
      await reading.get('notes', 'x')
      const writing = tables.begin({ tenant: 'a' })
      writing.set('notes', 'x', 2, 'me')
      const waiting = tables.begin({ tenant: 'a' })
      await one.lose()
      await expect(tables.check()).rejects.toThrow(TablesLost)
      await expect(reading.get('notes', 'y')).rejects.toThrow(TablesLost)
      await expect(waiting.get('notes', 'x')).rejects.toThrow(TablesLost)
      await expect(waiting.query('notes', {})).rejects.toThrow(TablesLost)
      await expect(tables.prepare('a', [{ name: 'notes', indexes: [{ fields: ['a'] }] }])).rejects.toThrow(
        TablesLost,
      )
      await expect(tables.settle('a', writing.sid)).rejects.toThrow(TablesLost)
      await expect(tables.recall('a', 'k')).rejects.toThrow(TablesLost)
      await expect(tables.begin({ tenant: 'a', at: 1 }).get('notes', 'x')).rejects.toThrow(TablesLost)
      await expect(waiting.getAll('notes', ['x'])).rejects.toThrow(TablesLost)
      await expect(writing.commit()).rejects.toThrow(TablesLost)
      if (one.find === undefined) return
      await one.find()
      expect((await waiting.get('notes', 'x'))?.data).toBe(1)
      expect(await look(await open(), 'a', 'notes', 'x')).toBe(1)
      expect(await put(tables, 'a', 'notes', 'x', 3)).toBe(2)
    })
  })
}
