import { expect, it } from 'vitest'
import { put, type StartTables } from './tables.suite.ts'
import { type Commit, DocumentInvalid, type Tables, TablesLost } from './tables.ts'

/** Takes the next commits of a feed, and ends it. */
async function take(tables: Tables, tenant: string, after: number, count: number): Promise<Commit[]> {
  const ended = new AbortController()
  const found: Commit[] = []
  for await (const commit of tables.changes(tenant, after, ended.signal)) {
    found.push(commit)
    if (found.length >= count) ended.abort()
  }
  return found
}

const numbersOf = (commits: readonly Commit[]) => commits.map((commit) => commit.number)
const upTo = (last: number, after = 0) => Array.from({ length: last - after }, (_, n) => after + n + 1)

/** The part of the suite about the feed of commits. */
export function changesTests(start: StartTables) {
  it('says of each commit what it touched', async () => {
    const { tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    const tx = tables.begin({ tenant: 'a' })
    tx.set('notes', 'x', 2, 'me')
    tx.set('marks', "'", 3, 'me')
    tx.delete('notes', 'absent')
    await tx.commit()
    const gone = tables.begin({ tenant: 'a' })
    gone.delete('notes', 'x')
    await gone.commit()
    const idle = tables.begin({ tenant: 'a' })
    idle.delete('notes', 'absent')
    await idle.commit()
    await put(tables, 'b', 'notes', 'x', 1)
    const [first, second, third, fourth] = await take(tables, 'a', 0, 4)
    expect(first).toEqual({ number: 1, touched: [{ table: 'notes', id: 'x', type: 'insert' }] })
    expect(second?.number).toBe(2)
    expect([...(second?.touched ?? [])].sort((one, other) => (one.table < other.table ? -1 : 1))).toEqual([
      { table: 'marks', id: "'", type: 'insert' },
      { table: 'notes', id: 'x', type: 'update' },
    ])
    expect(third).toEqual({ number: 3, touched: [{ table: 'notes', id: 'x', type: 'delete' }] })
    expect(fourth).toEqual({ number: 4, touched: [] })
    expect(numbersOf(await take(tables, 'a', 2, 2))).toEqual([3, 4])
    expect(numbersOf(await take(tables, 'b', 0, 1))).toEqual([1])
  })

  it('follows what is committed later, by any handle, in order and without a gap', async () => {
    const { tables, open } = await start()
    const other = await open()
    const feeds = [take(tables, 'a', 0, 60), take(other, 'a', 0, 60), take(tables, 'a', 20, 40)]
    const writers = [tables, other].map(async (handle, n) => {
      for (let round = 0; round < 10; round += 1) {
        await Promise.all([1, 2, 3].map((m) => put(handle, 'a', 'notes', `${n} ${round} ${m}`, m)))
        await put(handle, 'b', 'notes', 'x', round)
        if (round % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })
    await Promise.all(writers)
    const found = await Promise.all(feeds)
    expect(found.map(numbersOf)).toEqual([upTo(60), upTo(60), upTo(60, 20)])
  })

  it('gives more than one read holds', async () => {
    const { tables } = await start()
    await Promise.all(Array.from({ length: 1_100 }, (_, n) => put(tables, 'a', 'notes', `n${n}`, n)))
    expect(numbersOf(await take(tables, 'a', 0, 1_100))).toEqual(upTo(1_100))
  })

  it('waits for a commit behind the last, and ends when it is told', async () => {
    const { tables } = await start()
    await put(tables, 'a', 'notes', 'x', 1)
    const ended = new AbortController()
    const feed = tables.changes('a', 2, ended.signal)[Symbol.asyncIterator]()
    const next = feed.next()
    await put(tables, 'a', 'notes', 'x', 2)
    await put(tables, 'a', 'notes', 'x', 3)
    expect((await next).value).toMatchObject({ number: 3 })
    const never = feed.next()
    ended.abort()
    expect(await never).toEqual({ done: true, value: undefined })
    const late = tables.changes('a', 0, ended.signal)[Symbol.asyncIterator]()
    expect((await late.next()).done).toBe(true)
  })

  it('refuses what is no number of a commit, and no tenant', async () => {
    const { tables } = await start()
    const { signal } = new AbortController()
    for (const [tenant, after] of [
      ['', 0],
      ['a', -1],
      ['a', 0.5],
      ['a', Number.NaN],
    ] as const) {
      const feed = tables.changes(tenant, after, signal)[Symbol.asyncIterator]()
      await expect(feed.next()).rejects.toThrow(DocumentInvalid)
    }
  })

  it('breaks off when the handle is closed', async () => {
    const { tables, open } = await start()
    const other = await open()
    await put(tables, 'a', 'notes', 'x', 1)
    const { signal } = new AbortController()
    const feed = tables.changes('a', 1, signal)[Symbol.asyncIterator]()
    const next = feed.next()
    const lost = expect(next).rejects.toThrow(TablesLost)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await tables.close()
    await lost
    await expect(tables.changes('a', 0, signal)[Symbol.asyncIterator]().next()).rejects.toThrow(TablesLost)
    await put(other, 'a', 'notes', 'x', 2)
  })

  it('misses nothing when the engine was away for a while', async () => {
    const { one, tables, open } = await start()
    if (one.lose === undefined || one.find === undefined) return
    await put(tables, 'a', 'notes', 'x', 1)
    const feed = take(tables, 'a', 0, 3)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await one.lose()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await one.find()
    const back = await open()
    await put(back, 'a', 'notes', 'x', 2)
    await put(back, 'a', 'notes', 'x', 3)
    expect(numbersOf(await feed)).toEqual([1, 2, 3])
  })
}
