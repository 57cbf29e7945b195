import { expect, it } from 'vitest'
import type { StartKeep } from './keep.suite.ts'

const minute = 60_000

/** The part of the suite about leases. */
export function leaseTests(start: StartKeep) {
  it('leases a name to one holder, with tokens that rise', async () => {
    const { keep, open, one } = await start()
    const other = await open()
    const first = await keep.lease('x', 'me', one.short)
    expect(first).not.toBeNull()
    expect(await other.lease('x', 'you', minute)).toBeNull()
    expect(await other.lease('y', 'you', minute)).not.toBeNull()
    expect(await first?.renew(minute)).toBe(true)
    await one.advance(one.short)
    expect(await other.lease('x', 'you', minute)).toBeNull()

    await first?.release()
    expect(await first?.renew(minute)).toBe(false)
    const second = await other.lease('x', 'you', one.short)
    expect(second?.token).toBeGreaterThan(first?.token ?? 0)
    await first?.release()
    expect(await keep.lease('x', 'me', minute)).toBeNull()

    await one.advance(one.short)
    expect(await second?.renew(minute)).toBe(false)
    const third = await keep.lease('x', 'me', minute)
    expect(third?.token).toBeGreaterThan(second?.token ?? 0)
    expect(await second?.renew(minute)).toBe(false)
    await second?.release()
    expect(await third?.renew(minute)).toBe(true)
  })

  it('gives a holder that takes its lease again a higher token, and the former is lost', async () => {
    const { keep, open } = await start()
    const before = await keep.lease('x', 'me', minute)
    const after = await (await open()).lease('x', 'me', minute)
    expect(after?.token).toBeGreaterThan(before?.token ?? 0)
    expect(await before?.renew(minute)).toBe(false)
    await before?.release()
    expect(await after?.renew(minute)).toBe(true)
  })

  it('leases to exactly one of many who ask at once', async () => {
    const { keep, open } = await start()
    const handles = [keep, await open()]
    let last = 0
    for (let round = 0; round < 3; round += 1) {
      const leases = await Promise.all(
        Array.from({ length: 32 }, (_, n) => (handles[n % 2] ?? keep).lease(`%_*'`, `holder ${n}`, minute)),
      )
      const won = leases.filter((lease) => lease !== null)
      expect(won).toHaveLength(1)
      expect(won[0]?.token).toBeGreaterThan(last)
      last = won[0]?.token ?? 0
      await won[0]?.release()
    }
  })

  it('keeps leases and values apart', async () => {
    const { keep } = await start()
    await keep.lease('x', 'me', minute)
    expect(await keep.get('x')).toBeNull()
    expect(await keep.scan('', 10)).toEqual([])
    await keep.put('x', 'v')
    expect(await keep.lease('x', 'you', minute)).toBeNull()
  })
}
