import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryLog } from '../adapters/memory/log.ts'
import type { Checkpoint, Entry, Log, LogShape } from '../ports/log.ts'
import { createProjection, type Fold, type Moved } from './projection.ts'

const shape: LogShape = {
  name: 'sums',
  table: 'sums',
  columns: {},
  open: true,
  indexes: [],
  chained: false,
}
type Sum = { total: number; seen: number[] }

/** Adds numbers up; what it touched is each number. */
const sumFold = (source = 'v1', onApply: (n: number) => void = () => undefined): Fold<Sum, number> => ({
  name: 'sum',
  source,
  empty: () => ({ total: 0, seen: [] }),
  apply(state, entry) {
    const n = JSON.parse(entry.payload) as number
    onApply(n)
    state.total += n
    state.seen.push(entry.position)
    return [n]
  },
  save: (state) => JSON.stringify(state),
  load: (text) => JSON.parse(text) as Sum,
})

const entry = (n: number): Entry => ({
  id: `n${n}`,
  digest: '0'.repeat(64),
  occurredAt: n,
  receivedAt: 1_000 + n,
  attributes: {},
  payload: String(n),
})

describe('a projection', () => {
  const open: { stop(): Promise<void> }[] = []
  afterEach(async () => {
    for (const one of open.splice(0)) await one.stop()
  })

  /** A log that can be broken, and a projection over it. */
  function stand(
    options: { log?: Log; every?: number; source?: string; onApply?: (n: number) => void } = {},
  ) {
    const log = options.log ?? memoryLog({ shape })
    const fail = { read: null as Error | null, save: null as Error | null, ends: false }
    const saves: Checkpoint[] = []
    let pauses = 0
    const breakable: Log = {
      ...log,
      async read(...given) {
        if (fail.read !== null) throw fail.read
        return log.read(...given)
      },
      async *follow(tenant, after, signal) {
        if (fail.ends) return
        for await (const entries of log.follow(tenant, after, signal)) {
          if (fail.read !== null) throw fail.read
          yield entries
        }
      },
      async saveCheckpoint(tenant, fold, source, checkpoint) {
        if (fail.save !== null) throw fail.save
        saves.push(checkpoint)
        await log.saveCheckpoint(tenant, fold, source, checkpoint)
      },
    }
    const projection = createProjection({
      log: breakable,
      fold: sumFold(options.source, options.onApply),
      ...(options.every === undefined ? {} : { every: options.every }),
      now: () => 0,
      async pause() {
        pauses += 1
        await turn()
      },
    })
    open.push(projection)
    const tell = (...numbers: number[]) => log.append('home', numbers.map(entry))
    return { projection, log, tell, fail, saves, pauses: () => pauses }
  }
  const upTo = (n: number) => Array.from({ length: n }, (_, k) => k + 1)

  it('has folded all there was when first asked, and follows what comes', async () => {
    const { projection, tell } = stand()
    await tell(1, 2, 3)
    expect(await projection.live('home')).toMatchObject({
      position: 3,
      receivedAt: 1_003,
      state: { total: 6 },
    })
    await tell(4)
    expect(await projection.reached('home', 4, 2_000)).toBe(true)
    expect((await projection.live('home')).state.total).toBe(10)
    expect(await projection.lag()).toBe(0)
    expect(await projection.reached('home', 5, 10)).toBe(false)
  })

  it('shows the state as of any position, whatever comes behind it', async () => {
    const { projection, tell } = stand({ every: 10 })
    await tell(...upTo(95))
    await projection.live('home')
    for (const position of [0, 1, 9, 10, 11, 57, 90, 95]) {
      const { state, receivedAt } = await projection.at('home', position)
      expect(state).toEqual({ total: (position * (position + 1)) / 2, seen: upTo(position) })
      expect(receivedAt).toBe(position === 0 ? null : 1_000 + position)
    }
  })

  it('saves exactly at the multiples, also within a batch, and folds on from the nearest save', async () => {
    const log = memoryLog({ shape })
    const first = stand({ log, every: 10 })
    await first.tell(...upTo(35))
    await first.projection.live('home')
    expect(first.saves.map(({ position }) => position)).toEqual([10, 20, 30])
    expect(JSON.parse(first.saves[1]?.state ?? '')).toEqual({ total: 210, seen: upTo(20) })

    const applied: number[] = []
    const second = stand({ log, every: 10, onApply: (n) => applied.push(n) })
    expect(await second.projection.live('home')).toMatchObject({ position: 35, receivedAt: 1_035 })
    expect(applied).toEqual([31, 32, 33, 34, 35])
    await second.projection.at('home', 29)
    expect(applied.slice(5)).toEqual(upTo(29).slice(20))
  })

  it('does not use what other code has saved', async () => {
    const log = memoryLog({ shape })
    await stand({ log, every: 10 }).tell(...upTo(20))
    await (open[0] as ReturnType<typeof stand>['projection']).live('home')
    const applied: number[] = []
    const other = stand({ log, every: 10, source: 'v2', onApply: (n) => applied.push(n) })
    await other.projection.live('home')
    expect(applied).toEqual(upTo(20))
  })

  it('tells what each batch changed to those who listen, from their seat on and until they leave', async () => {
    const { projection, tell } = stand()
    await tell(1, 2)
    await projection.live('home')
    const moves: Pick<Moved<Sum, number>, 'from' | 'position' | 'changes'>[] = []
    const seat = projection.subscribe('home', ({ from, position, changes }) => {
      moves.push({ from, position, changes })
    })
    expect(seat.position).toBe(2)
    await tell(3, 4)
    await projection.reached('home', 4, 2_000)
    seat.stop()
    await tell(5)
    await projection.reached('home', 5, 2_000)
    expect(moves).toEqual([{ from: 2, position: 4, changes: [3, 4] }])
    expect(await projection.changesBetween('home', 1, 4)).toEqual([2, 3, 4])
  })

  it('that breaks off says so, goes on where it was, and is well again', async () => {
    const { projection, tell, fail } = stand()
    await tell(1)
    await projection.live('home')
    fail.read = new Error('the database is away')
    await tell(2)
    await vi.waitFor(() => expect(projection.failure()).toBe(fail.read))
    fail.read = null
    expect(await projection.reached('home', 2, 2_000)).toBe(true)
    expect((await projection.live('home')).state.seen).toEqual([1, 2])
    expect(projection.failure()).toBeNull()
  })

  it('is well again also when nothing new is told after it broke off', async () => {
    const { projection, tell, fail } = stand()
    await tell(1)
    await projection.live('home')
    fail.read = new Error('the database is away')
    await tell(2)
    await vi.waitFor(() => expect(projection.failure()).not.toBeNull())
    fail.read = null
    await vi.waitFor(() => expect(projection.failure()).toBeNull())
    // Another tenant’s success does not hide it either.
    fail.read = new Error('the database is away')
    await tell(3)
    await vi.waitFor(() => expect(projection.failure()).not.toBeNull())
  })

  it('tells what a batch changed before its save failed, and folds nothing twice', async () => {
    const { projection, tell, fail } = stand({ every: 10 })
    await tell(...upTo(8))
    await projection.live('home')
    const told: number[] = []
    projection.subscribe('home', ({ changes }) => told.push(...changes))
    fail.save = new Error('the disk is full')
    await tell(9, 10, 11, 12)
    expect(await projection.reached('home', 12, 2_000)).toBe(true)
    expect(told).toEqual([9, 10, 11, 12])
    expect((await projection.live('home')).state.seen).toEqual(upTo(12))
  })

  it('waits before it follows anew a log that was closed under it', async () => {
    const { projection, fail, pauses, tell } = stand()
    fail.ends = true
    await tell(1)
    await projection.live('home')
    await vi.waitFor(() => expect(pauses()).toBeGreaterThan(2))
  })

  it('fails to begin when the log is away, and begins when asked again', async () => {
    const { projection, tell, fail } = stand()
    await tell(1)
    fail.read = new Error('the database is away')
    await expect(projection.live('home')).rejects.toThrow('away')
    fail.read = null
    expect((await projection.live('home')).state.total).toBe(1)
  })

  it('keeps tenants apart', async () => {
    const { projection, log, tell } = stand()
    await tell(1, 2)
    await log.append('other', [entry(40)])
    expect((await projection.live('other')).state).toEqual({ total: 40, seen: [1] })
    expect((await projection.live('home')).state.total).toBe(3)
    expect((await projection.at('nobody', 0)).state.total).toBe(0)
  })
})
