import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Keep } from '../../ports/keep.ts'
import { noMeter } from '../meter.ts'
import type { Strategy } from './limit.ts'
import { createLimiter, type Limiter, type WhenLost } from './limiter.ts'

/** A store under test: opens handles on it, as processes do. */
export interface LimitStand {
  open(): Promise<Keep>
  /** Takes the store away from the handles that are open; engines in this process cannot be taken away. */
  readonly lose?: () => void
  /** Lets it come back for them. */
  readonly find?: () => void
  dispose(): Promise<void>
}

const minute = 60_000
const begin = 1_700_000_000_000

/** The suite of the limiter: every engine of `keep` runs it. The clock of the limits is the suite's. */
export function limiterSuite(
  name: string,
  stand: (now: () => number) => Promise<LimitStand>,
  options: { readonly losable: boolean },
) {
  describe(`limits on ${name}`, () => {
    const opened: (LimitStand | Keep)[] = []
    afterEach(async () => {
      for (const one of opened.splice(0).reverse()) await ('dispose' in one ? one.dispose() : one.close())
    })

    async function start(strategy: Strategy = 'moving-window') {
      const clock = { at: begin }
      const one = await stand(() => clock.at)
      opened.push(one)
      async function open(whenLost: WhenLost = 'closed'): Promise<Limiter> {
        const keep = await one.open()
        opened.push(keep)
        const pause = (ms: number) => sleep(Math.min(ms, 20))
        return createLimiter({ keep, now: () => clock.at, strategy, whenLost, meter: noMeter, pause })
      }
      return { clock, one, open, limiter: await open() }
    }
    /** How many of so many calls at once pass. */
    async function passed(limiter: Limiter, calls: number, limits: Parameters<Limiter['take']>[1]) {
      const verdicts = await Promise.all(Array.from({ length: calls }, () => limiter.take('k', limits)))
      return verdicts.filter(({ admitted }) => admitted).length
    }

    for (const strategy of ['moving-window', 'fixed-window'] as const) {
      it(`refuses call N+1 and lets it pass after exactly Retry-After (${strategy})`, async () => {
        const { clock, limiter } = await start(strategy)
        const limits = [{ count: 3, windowMs: minute }]
        for (const remaining of [2, 1, 0]) {
          const verdict = await limiter.take('k', limits)
          expect(verdict).toMatchObject({ admitted: true, remaining, retryAfterSeconds: 0, local: false })
          clock.at += 7_300
        }
        const refused = await limiter.take('k', limits)
        expect(refused).toMatchObject({ admitted: false, remaining: 0, limit: limits[0] })
        expect(refused.retryAfterSeconds).toBe(39)
        expect(refused.resetSeconds).toBe(39)
        clock.at += 38_000
        expect((await limiter.take('k', limits)).retryAfterSeconds).toBe(1)
        clock.at += 1_000
        expect((await limiter.take('k', limits)).admitted).toBe(true)
      })
    }

    it('lets a window move from call to call, or begin with its first call: its edge differs', async () => {
      const limits = [{ count: 2, windowMs: minute }]
      const edges: Record<string, number> = {}
      for (const strategy of ['moving-window', 'fixed-window'] as const) {
        const { clock, limiter } = await start(strategy)
        expect(await passed(limiter, 1, limits)).toBe(1)
        clock.at += 59_000
        expect(await passed(limiter, 2, limits)).toBe(1)
        clock.at += 1_000
        edges[strategy] = await passed(limiter, 3, limits)
      }
      expect(edges).toEqual({ 'moving-window': 1, 'fixed-window': 2 })
    })

    it('lets exactly ten of 64 pass that come at once from two processes', async () => {
      const { open, limiter } = await start()
      const other = await open()
      const limits = [{ count: 10, windowMs: minute }]
      const sums = await Promise.all([passed(limiter, 32, limits), passed(other, 32, limits)])
      expect(sums[0] + sums[1]).toBe(10)
      for (const one of [limiter, other, await open()]) expect(await passed(one, 1, limits)).toBe(0)
    })

    it('counts everything of a request or nothing', async () => {
      const { clock, limiter } = await start()
      const limits = [{ count: 10, windowMs: minute }]
      expect((await limiter.take('k', limits, { cost: 8 })).remaining).toBe(2)
      clock.at += 10_000
      expect((await limiter.take('k', limits, { cost: 2 })).remaining).toBe(0)
      const refused = await limiter.take('k', limits, { cost: 9 })
      // The eight go first, at 60 s, but nine need all ten to be gone.
      expect(refused).toMatchObject({ admitted: false, resetSeconds: 50, retryAfterSeconds: 60 })
      clock.at += 59_000
      expect((await limiter.take('k', limits, { cost: 9 })).admitted).toBe(false)
      expect((await limiter.peek('k', limits)).remaining).toBe(8)
      clock.at += 1_000
      expect((await limiter.take('k', limits, { cost: 9 })).admitted).toBe(true)
    })

    it('lets pass what passes every limit, and counts nothing of the rest', async () => {
      const { clock, limiter } = await start()
      const limits = [
        { count: 2, windowMs: 1_000 },
        { count: 5, windowMs: minute },
      ]
      for (let second = 0; second < 2; second += 1) {
        expect(await passed(limiter, 20, limits)).toBe(2)
        expect((await limiter.peek('k', limits)).limit).toEqual(limits[0])
        clock.at += 1_000
      }
      expect(await passed(limiter, 20, limits)).toBe(1)
      const refused = await limiter.take('k', limits)
      expect(refused).toMatchObject({ admitted: false, limit: limits[1], retryAfterSeconds: 58 })
    })

    it('never lets more than 5,000 pass in a window, and all of them again one slot later at most', async () => {
      const { clock, open, limiter } = await start()
      const both = [limiter, await open()]
      const limits = [{ count: 5_000, windowMs: minute }]
      const sent: { at: number; count: number }[] = []
      for (let step = 0; step < 40; step += 1) {
        const counts = await Promise.all(both.map((one) => passed(one, 600, limits)))
        sent.push({ at: clock.at, count: (counts[0] ?? 0) + (counts[1] ?? 0) })
        clock.at += 3_217
      }
      for (const { at } of sent) {
        const within = sent.filter((other) => other.at > at - minute && other.at <= at)
        expect(within.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(5_000)
      }
      clock.at += minute + 1_000
      expect(await passed(limiter, 5_001, limits)).toBe(5_000)
    })

    it('says what would pass without counting it', async () => {
      const { open, limiter } = await start()
      const other = await open()
      const limits = [{ count: 1, windowMs: minute }]
      for (let n = 0; n < 3; n += 1)
        expect(await limiter.peek('k', limits)).toMatchObject({
          admitted: true,
          remaining: 1,
          resetSeconds: 0,
        })
      expect(await passed(other, 1, limits)).toBe(1)
      expect(await limiter.peek('k', limits)).toMatchObject({ admitted: false, retryAfterSeconds: 60 })
      expect(await limiter.peek('other', limits)).toMatchObject({ admitted: true })
    })

    if (!options.losable) return
    it('counts alone or lets nothing pass while the store is lost, and comes back by itself', async () => {
      const { one, open, limiter: closed } = await start()
      const local = await open('local')
      const limits = [{ count: 3, windowMs: minute }]
      expect([await passed(local, 1, limits), await passed(closed, 1, limits)]).toEqual([1, 1])
      one.lose?.()
      for (let n = 0; n < 2; n += 1) {
        expect(await passed(local, 5, limits)).toBe(n === 0 ? 3 : 0)
        await expect(closed.take('k', limits)).rejects.toMatchObject({ code: 'dependency_unavailable' })
      }
      expect(local.degraded()).toBe(true)
      one.find?.()
      await expect.poll(() => local.degraded(), { timeout: 20_000 }).toBe(false)
      await expect
        .poll(() => closed.take('k', limits).catch(() => null), { timeout: 20_000 })
        .toMatchObject({ admitted: true, remaining: 0 })
      expect(await local.take('k', limits)).toMatchObject({ admitted: false, local: false })
    })
  })
}
