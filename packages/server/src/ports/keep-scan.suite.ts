import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { StartKeep } from './keep.suite.ts'
import type { Keep } from './keep.ts'

export const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
/** The keys that a scan answers. */
export const keysOf = async (keep: Keep, prefix: string, limit = 1_000, after?: string) =>
  (await keep.scan(prefix, limit, after)).map((item) => item.key)

/** The part of the suite about looking at keys: scans and watches. */
export function scanAndWatchTests(start: StartKeep) {
  it('scans by prefix in the order of code points, page by page', async () => {
    const { keep } = await start()
    const keys = [
      'a',
      'a%',
      'a%b',
      'a*',
      'a_',
      'a_b',
      'ab',
      'aé',
      'a\ud7ff',
      'a\ue000',
      'a\uffff',
      'a😀',
      'b',
      '\u{10ffff}',
    ]
    for (const key of [...keys].reverse()) await keep.put(key, `<${key}>`)
    const sorted = [...keys].sort(byCodePoint)
    const startingWith = (prefix: string) => sorted.filter((key) => key.startsWith(prefix))
    for (const prefix of ['', 'a', 'a%', 'a_', 'a*', 'a\ud7ff', 'a\uffff', 'a😀', '\u{10ffff}', 'c']) {
      expect(await keysOf(keep, prefix)).toEqual(startingWith(prefix))
      const paged: string[] = []
      for (;;) {
        const page = await keysOf(keep, prefix, 2, paged.at(-1))
        paged.push(...page)
        if (page.length < 2) break
      }
      expect(paged).toEqual(startingWith(prefix))
    }
    expect(await keysOf(keep, 'a', 3)).toEqual(startingWith('a').slice(0, 3))
    expect(await keysOf(keep, 'a', 0)).toEqual([])
    expect(await keysOf(keep, 'b', 10, 'a')).toEqual(['b'])
    expect(await keysOf(keep, 'a', 10, 'b')).toEqual([])
    const [item] = await keep.scan('b', 1)
    expect(item).toEqual({ key: 'b', ...(await keep.get('b')) })
  })

  it('scans past many that have expired', async () => {
    const { keep, one } = await start()
    await Promise.all(Array.from({ length: 1_200 }, (_, n) => keep.put(`a${n}`, 'v', one.short)))
    await keep.put('az', 'v')
    await keep.put('azz', 'v')
    await one.advance(one.short)
    expect(await keysOf(keep, 'a', 1)).toEqual(['az'])
    expect(await keysOf(keep, 'a', 2)).toEqual(['az', 'azz'])
  })

  it('shows a watcher the value, then what it becomes, whoever changes it', async () => {
    const { keep, open, one } = await start()
    const other = await open()
    const stop = new AbortController()
    const seen = keep.watch('a', stop.signal)[Symbol.asyncIterator]()
    expect((await seen.next()).value).toBeNull()
    const first = await other.put('a', 'one')
    expect((await seen.next()).value).toEqual(first)
    // A change of another key is none of ours, and another look without a change neither.
    let told = false
    const next = seen.next().finally(() => {
      told = true
    })
    await other.put('b', 'x')
    await keep.put('b', 'y')
    await pause(100)
    expect(told).toBe(false)
    const second = await keep.put('a', 'two', one.short)
    expect((await next).value).toEqual(second)
    await one.advance(one.short)
    expect((await seen.next()).value).toBeNull()
    await other.put('a', 'three')
    expect((await seen.next()).value?.value).toBe('three')
    await keep.delete('a')
    expect((await seen.next()).value).toBeNull()
    const last = seen.next()
    stop.abort()
    expect((await last).done).toBe(true)
    expect((await seen.next()).done).toBe(true)
  })

  it('lets a slow watcher skip to the newest', async () => {
    const { keep } = await start()
    const stop = new AbortController()
    await keep.put('a', '0')
    const seen = keep.watch('a', stop.signal)[Symbol.asyncIterator]()
    expect((await seen.next()).value?.value).toBe('0')
    for (let n = 1; n <= 50; n += 1) await keep.put('a', String(n))
    let value = '0'
    while (value !== '50') value = (await seen.next()).value?.value ?? ''
    const watchers = Array.from({ length: 20 }, () => keep.watch('a', stop.signal)[Symbol.asyncIterator]())
    expect((await Promise.all(watchers.map((one) => one.next()))).map((one) => one.value?.value)).toEqual(
      Array.from({ length: 20 }, () => '50'),
    )
    stop.abort()
    for (const one of [...watchers, seen]) expect((await one.next()).done).toBe(true)
    expect((await keep.watch('a', stop.signal)[Symbol.asyncIterator]().next()).done).toBe(true)
  })
}
