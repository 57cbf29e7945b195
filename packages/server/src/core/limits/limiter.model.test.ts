import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryKeep, memoryShelf } from '../../adapters/memory/keep.ts'
import { noMeter } from '../meter.ts'
import type { Limit, Strategy } from './limit.ts'
import { createLimiter } from './limiter.ts'

interface Passed {
  readonly at: number
  readonly cost: number
}

/** The sum of what passed in the window that ends at `at`. */
const within = (passed: readonly Passed[], at: number, windowMs: number) =>
  passed.filter((one) => one.at > at - windowMs && one.at <= at).reduce((sum, { cost }) => sum + cost, 0)

/** The sum of what counts in a window that began with its first request. */
function withinFixed(passed: readonly Passed[], at: number, windowMs: number) {
  let began = Number.NEGATIVE_INFINITY
  let sum = 0
  for (const one of passed) {
    if (one.at >= began + windowMs) {
      began = one.at
      sum = 0
    }
    sum += one.cost
  }
  return at >= began + windowMs ? 0 : sum
}

const limit = fc.record({
  count: fc.integer({ min: 1, max: 12 }),
  windowMs: fc.constantFrom(1_000, 7_000, 60_000, 3_600_000),
})
const steps = fc.array(
  fc.record({
    wait: fc.oneof(
      fc.constantFrom(0, 500, 1_000, 7_000, 60_000),
      fc.integer({ min: 0, max: 3_000 }),
      fc.integer({ min: 0, max: 100_000 }),
    ),
    cost: fc.integer({ min: 1, max: 4 }),
    process: fc.nat(1),
    waitAsTold: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
)

/** Two processes on one store and one clock. */
function stand(strategy: Strategy) {
  const clock = { at: 1_700_000_000_000 }
  const shelf = memoryShelf()
  const now = () => clock.at
  const limiters = [0, 1].map(() =>
    createLimiter({ keep: memoryKeep({ now, shelf }), now, strategy, whenLost: 'closed', meter: noMeter }),
  )
  const take = async (process: number, limits: readonly Limit[], cost: number) => {
    const limiter = limiters[process]
    if (limiter === undefined) throw new Error('there are two processes')
    return limiter.take('k', limits, { cost })
  }
  return { clock, take }
}

describe('limits against a model that remembers everything', () => {
  it.each([
    ['moving-window', within],
    ['fixed-window', withinFixed],
  ] as const)(
    'refuse just what must be refused, for just as long as they say (%s)',
    async (strategy, sumOf) => {
      const limits = fc.array(limit, { minLength: 1, maxLength: 3 })
      await fc.assert(
        fc.asyncProperty(limits, steps, async (limits, steps) => {
          const { clock, take } = stand(strategy)
          const passed: Passed[] = []
          const fits = (cost: number) =>
            limits.every(({ count, windowMs }) => sumOf(passed, clock.at, windowMs) + cost <= count)
          for (const { wait, cost, process, waitAsTold } of steps) {
            clock.at += wait
            const expected = fits(cost)
            const verdict = await take(process, limits, cost)
            expect(verdict.admitted).toBe(expected)
            if (verdict.admitted) passed.push({ at: clock.at, cost })
            const left = limits.map(({ count, windowMs }) => count - sumOf(passed, clock.at, windowMs))
            expect(verdict.remaining).toBe(Math.min(...left))
            if (verdict.admitted) continue
            const { retryAfterSeconds } = verdict
            expect(Number.isFinite(retryAfterSeconds)).toBe(limits.every(({ count }) => cost <= count))
            if (!waitAsTold || !Number.isFinite(retryAfterSeconds)) continue
            clock.at += (retryAfterSeconds - 1) * 1_000
            expect((await take(process, limits, cost)).admitted).toBe(false)
            clock.at += 1_000
            expect((await take(1 - process, limits, cost)).admitted).toBe(true)
            passed.push({ at: clock.at, cost })
          }
        }),
      )
    },
  )

  it('never admit more than a large count in any window, and refuse at most one slot too early', async () => {
    const count = 2_000
    const windowMs = 60_000
    const sizes = fc.array(
      fc.record({ wait: fc.integer({ min: 0, max: 20_000 }), cost: fc.integer({ min: 1, max: 700 }) }),
      {
        minLength: 10,
        maxLength: 60,
      },
    )
    await fc.assert(
      fc.asyncProperty(sizes, async (steps) => {
        const { clock, take } = stand('moving-window')
        const passed: Passed[] = []
        for (const { wait, cost } of steps) {
          clock.at += wait
          const { admitted } = await take(0, [{ count, windowMs }], cost)
          if (admitted) {
            passed.push({ at: clock.at, cost })
            expect(within(passed, clock.at, windowMs)).toBeLessThanOrEqual(count)
          } else {
            expect(within(passed, clock.at, windowMs + windowMs / 60) + cost).toBeGreaterThan(count)
          }
        }
      }),
    )
  })
})
