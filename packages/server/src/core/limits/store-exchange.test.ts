import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { memoryKeep, memoryShelf } from '../../adapters/memory/keep.ts'
import type { Keep } from '../../ports/keep.ts'
import { noMeter } from '../meter.ts'
import { createLimiter } from './limiter.ts'

const minute = 60_000
const many = [{ count: 500, windowMs: minute }]

/** Processes on one store and one clock; what they ask of the store is counted, and takes a turn each way. */
function stand() {
  const clock = { at: 1_700_000_000_000 }
  const shelf = memoryShelf()
  const asked = { gets: 0, sets: 0, ttls: [] as (number | undefined)[] }
  function process(now = () => clock.at, more: { readonly turn?: () => Promise<void> } = {}) {
    const real = memoryKeep({ now: () => clock.at, shelf })
    const keep: Keep = {
      ...real,
      async get(key) {
        asked.gets += 1
        await turn()
        return real.get(key)
      },
      async compareAndSet(key, expected, value, ttlMs) {
        asked.sets += 1
        asked.ttls.push(ttlMs)
        await turn()
        const kept = await real.compareAndSet(key, expected, value, ttlMs)
        await turn()
        return kept
      },
    }
    const told = { now, strategy: 'moving-window', whenLost: 'closed', meter: noMeter } as const
    return createLimiter({ keep, ...told, ...more })
  }
  const trips = () => asked.gets + asked.sets
  return { clock, shelf, asked, process, trips }
}

describe('what limits ask of their store', () => {
  it('is one exchange a check', async () => {
    const { process, asked } = stand()
    const limiter = process()
    for (let n = 0; n < 50; n += 1) await limiter.take('k', many)
    expect([asked.gets, asked.sets]).toEqual([0, 50])
  })

  it('is one exchange for all checks that wait, each with its own answer', async () => {
    const { process, trips } = stand()
    const limiter = process()
    const first = limiter.take('k', many)
    await turn()
    const verdicts = await Promise.all([first, ...Array.from({ length: 99 }, () => limiter.take('k', many))])
    expect(verdicts.map(({ remaining }) => remaining)).toEqual(verdicts.map((_, n) => 499 - n))
    expect(trips()).toBe(2)
  })

  it('is one exchange for all that comes in one turn, of whatever moment in it', async () => {
    const { process, asked } = stand()
    const limiter = process(undefined, { turn: () => turn() })
    const verdicts: Promise<{ readonly remaining: number }>[] = []
    for (let n = 0; n < 10; n += 1) {
      verdicts.push(limiter.take('k', many))
      await null
      await null
    }
    expect((await Promise.all(verdicts)).map(({ remaining }) => remaining)).toEqual(
      verdicts.map((_, n) => 499 - n),
    )
    expect([asked.gets, asked.sets]).toEqual([0, 1])
  })

  it('is nothing for a refusal that is known here', async () => {
    const { clock, process, trips } = stand()
    const limiter = process()
    const one = [{ count: 1, windowMs: minute }]
    await limiter.take('k', one)
    for (let n = 0; n < 50; n += 1) {
      expect(await limiter.take('k', one)).toMatchObject({ admitted: false, retryAfterSeconds: 60 - n })
      clock.at += 1_000
    }
    expect(trips()).toBe(1)
  })

  it('is two a check where processes take turns, which look before they write', async () => {
    const { process, trips } = stand()
    const limiters = [process(), process()]
    for (let n = 0; n < 50; n += 1) for (const limiter of limiters) await limiter.take('k', many)
    expect(trips()).toBeLessThanOrEqual(2 * 100 + 2)
    expect(await limiters[0]?.peek('k', many)).toMatchObject({ remaining: 400 })
  })

  it('begins anew with one exchange a check once the others have gone', async () => {
    const { process, asked, trips } = stand()
    const limiter = process()
    await limiter.take('k', many)
    await process().take('k', many)
    await limiter.take('k', many)
    await limiter.take('k', many)
    const before = trips()
    for (let n = 0; n < 10; n += 1) await limiter.take('k', many)
    expect(trips() - before).toBe(10)
    expect(asked.gets).toBeGreaterThan(0)
  })

  it('expires when the last admission has left the longest window', async () => {
    const { process, asked } = stand()
    await process().take('k', [
      { count: 5, windowMs: 1_000 },
      { count: 50, windowMs: minute },
    ])
    expect(asked.ttls).toEqual([minute])
  })

  it('keeps one value a key, and none of the key or the principal in its name', async () => {
    const { process, shelf } = stand()
    const limiter = process()
    for (const key of ['somebody', 'somebody', 'other', 'odd \u0000 \ud800', 'x'.repeat(10_000)])
      expect((await limiter.take(key, many)).admitted).toBe(true)
    expect(shelf.items.size).toBe(4)
    for (const key of shelf.items.keys()) expect(key).toMatch(/^limit\/[0-9a-f]{64}$/)
  })

  it('is written over when it cannot be read', async () => {
    const { process, shelf } = stand()
    await process().take('k', many)
    const [[key, item] = ['', undefined]] = [...shelf.items]
    if (item === undefined) throw new Error('nothing is stored')
    shelf.items.set(key, { ...item, value: 'rubbish' })
    expect((await process().take('k', many)).remaining).toBe(499)
  })

  it('goes on from what this process knows when the store came back empty', async () => {
    const { process, shelf } = stand()
    const limiter = process()
    const two = [{ count: 2, windowMs: minute }]
    await limiter.take('k', two)
    shelf.items.clear()
    expect((await limiter.take('k', two)).remaining).toBe(0)
    expect((await process().take('k', two)).admitted).toBe(false)
  })
})

describe('limits and clocks', () => {
  const two = [{ count: 2, windowMs: minute }]

  it('admit no more when the clock steps back, here or in another process', async () => {
    const { clock, process } = stand()
    const limiter = process()
    await limiter.take('k', two)
    clock.at -= 30_000
    expect((await limiter.take('k', two)).admitted).toBe(true)
    for (const one of [limiter, process()])
      expect(await one.take('k', two)).toMatchObject({ admitted: false, retryAfterSeconds: 90 })
    // Back at the time of the first two, and until a window after it.
    clock.at += 30_000 + 59_000
    for (const one of [limiter, process()]) expect((await one.take('k', two)).admitted).toBe(false)
    clock.at += 1_000
    expect((await limiter.take('k', two)).admitted).toBe(true)
  })

  it('go by the clock that is ahead, so that windows of all processes are the same', async () => {
    const { clock, process } = stand()
    const ahead = process(() => clock.at + 5_000)
    const behind = process()
    await ahead.take('k', two)
    await behind.take('k', two)
    clock.at += 59_000
    for (const one of [ahead, behind]) expect((await one.take('k', two)).admitted).toBe(false)
    clock.at += 1_000
    for (const one of [ahead, process()]) expect((await one.take('k', two)).admitted).toBe(true)
  })

  it('are locked for two windows at most by a clock that is far ahead', async () => {
    const { clock, process } = stand()
    const wrong = process(() => clock.at + 3_600_000)
    await wrong.take('k', two)
    const limiter = process()
    expect((await limiter.take('k', two)).admitted).toBe(true)
    expect((await limiter.take('k', two)).admitted).toBe(false)
    clock.at += 2 * minute
    expect((await limiter.take('k', two)).admitted).toBe(true)
  })
})

describe('limits that are changed', () => {
  it('count what passed under the ones before', async () => {
    const { clock, process } = stand()
    const limiter = process()
    for (let n = 0; n < 10; n += 1) await limiter.take('k', [{ count: 10, windowMs: minute }])
    clock.at += 10_000
    const more = [
      { count: 12, windowMs: minute },
      { count: 5_000, windowMs: 3_600_000 },
    ]
    expect(await limiter.take('k', more)).toMatchObject({ admitted: true, remaining: 1 })
    expect(await limiter.take('k', [{ count: 5, windowMs: minute }])).toMatchObject({
      admitted: false,
      remaining: 0,
      retryAfterSeconds: 50,
    })
    expect(await limiter.take('k', [{ count: 5_000, windowMs: 7_200_000 }])).toMatchObject({
      remaining: 4_988,
    })
  })

  it('refuse for good what costs more than they allow', async () => {
    const { process } = stand()
    const verdict = await process().take('k', [{ count: 3, windowMs: minute }], { cost: 4 })
    expect(verdict).toMatchObject({
      admitted: false,
      remaining: 3,
      retryAfterSeconds: Number.POSITIVE_INFINITY,
    })
  })

  it('must be some', async () => {
    await expect(stand().process().take('k', [])).rejects.toThrow('a check needs a limit')
  })
})
