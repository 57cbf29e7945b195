import { describe, expect, it } from 'vitest'
import { memoryKeep, memoryShelf } from '../../../adapters/memory/keep.ts'
import { collectHistory } from './collect-history.ts'

const day = 86_400_000

describe('the history', () => {
  it('is purged by one of two processes each time, with the window that the settings say', async () => {
    let clock = Date.parse('2026-11-21T12:00:00Z')
    const shelf = memoryShelf()
    const asked: { process: string; now: Date; historyMs: number }[] = []
    let fails = false
    const job = (process: string) =>
      collectHistory({
        keep: memoryKeep({ now: () => clock, shelf }),
        process,
        historyMs: 7 * day,
        now: () => clock,
        tables: {
          async collect(options) {
            if (fails) throw new Error('away')
            asked.push({ process, ...options })
            return { purged: 3 }
          },
        },
      })
    const [one, other] = [job('one'), job('other')]
    expect(one.everyMs).toBe(600_000)
    expect(await one.run()).toBe(3)
    clock += 1_000
    expect(await other.run()).toBe(0)
    expect(asked).toEqual([{ process: 'one', now: new Date(clock - 1_000), historyMs: 7 * day }])
    clock += 600_000
    expect(await other.run()).toBe(3)
    clock += 600_000
    fails = true
    await expect(one.run()).rejects.toThrow('away')
    fails = false
    expect(await other.run()).toBe(3)
  })
})
