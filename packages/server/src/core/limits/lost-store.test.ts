import { describe, expect, it } from 'vitest'
import { memoryKeep } from '../../adapters/memory/keep.ts'
import { type Keep, KeepLost } from '../../ports/keep.ts'
import type { Meter } from '../meter.ts'
import { createLimiter, type WhenLost } from './limiter.ts'

const minute = 60_000
const limits = [{ count: 3, windowMs: minute }]

/** A limiter over a store that can be taken away, and what its gauge shows. */
function stand(whenLost: WhenLost) {
  const clock = { at: 1_700_000_000_000 }
  const now = () => clock.at
  const real = memoryKeep({ now })
  const state = { away: false, asked: 0, pauses: 0, gauge: Number.NaN }
  function reach<Args extends unknown[], Answer>(method: (...args: Args) => Promise<Answer>) {
    return async (...args: Args): Promise<Answer> => {
      state.asked += 1
      if (state.away) throw new KeepLost('the engine is away')
      return method(...args)
    }
  }
  const keep: Keep = {
    ...real,
    get: reach(real.get),
    put: reach(real.put),
    compareAndSet: reach(real.compareAndSet),
    check: reach(real.check),
  }
  const meter: Meter = {
    add() {},
    observe() {},
    set(name, _, value) {
      if (name === 'limit_store_degraded') state.gauge = value
    },
  }
  const ends: (() => void)[] = []
  const limiter = createLimiter({
    keep,
    now,
    strategy: 'moving-window',
    whenLost,
    meter,
    pause: () => {
      state.pauses += 1
      return new Promise((end) => ends.push(end))
    },
  })
  const endPause = () => {
    for (const end of ends.splice(0)) end()
  }
  return { clock, state, limiter, endPause }
}

describe('limits whose store is lost', () => {
  it('are counted by this process alone, with the same numbers, until the store is back', async () => {
    const { state, limiter, endPause } = stand('local')
    expect(state.gauge).toBe(0)
    await limiter.take('k', limits)
    expect(limiter.degraded()).toBe(false)
    state.away = true
    const alone = []
    for (let n = 0; n < 4; n += 1) alone.push(await limiter.take('k', limits))
    expect(alone.map(({ admitted, local }) => [admitted, local])).toEqual([
      [true, true],
      [true, true],
      [true, true],
      [false, true],
    ])
    expect(alone[3]).toMatchObject({ remaining: 0, retryAfterSeconds: 60 })
    expect((await limiter.peek('other', limits)).local).toBe(true)
    expect([limiter.degraded(), state.gauge]).toEqual([true, 1])

    state.away = false
    endPause()
    await expect.poll(() => limiter.degraded()).toBe(false)
    expect(state.gauge).toBe(0)
    // The store still holds the one from before.
    expect(await limiter.take('k', limits)).toMatchObject({ admitted: true, local: false, remaining: 1 })
  })

  it('let nothing pass when they are closed, and come back by themselves', async () => {
    const { state, limiter, endPause } = stand('closed')
    state.away = true
    for (let n = 0; n < 2; n += 1)
      await expect(limiter.take('k', limits)).rejects.toMatchObject({ code: 'dependency_unavailable' })
    await expect(limiter.peek('k', limits)).rejects.toMatchObject({ code: 'dependency_unavailable' })
    expect([limiter.degraded(), state.gauge]).toEqual([false, 1])
    state.away = false
    endPause()
    await expect
      .poll(() => limiter.take('k', limits).catch(() => null))
      .toMatchObject({ admitted: true, local: false, remaining: 2 })
    expect(state.gauge).toBe(0)
  })

  it('follow what a single check asks for, among others that wait with it', async () => {
    const { state, limiter } = stand('local')
    state.away = true
    const answers = await Promise.allSettled([
      limiter.take('k', limits),
      limiter.take('k', limits, { whenLost: 'closed' }),
      limiter.take('k', limits),
    ])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await limiter.peek('k', limits)).toMatchObject({ remaining: 1 })
  })

  it('do not ask a lost store again with every check', async () => {
    const { state, limiter } = stand('local')
    state.away = true
    await limiter.take('k', limits)
    state.asked = 0
    for (let n = 0; n < 100; n += 1) await limiter.take('k', limits)
    expect(state.pauses).toBe(1)
    expect(state.asked).toBe(1)
  })

  it('do not let a store that comes and goes admit more than it and this process may', async () => {
    const { state, limiter, endPause } = stand('local')
    let passed = 0
    for (let round = 0; round < 5; round += 1) {
      for (const away of [false, true]) {
        state.away = away
        // Another key, as this one's refusals are known here and ask nobody.
        await limiter.peek('other', limits)
        await expect
          .poll(() => {
            endPause()
            return limiter.degraded()
          })
          .toBe(away)
        for (let n = 0; n < 5; n += 1) {
          const { admitted } = await limiter.take('k', limits)
          if (admitted) passed += 1
        }
      }
    }
    expect(passed).toBe(6)
  })
})
