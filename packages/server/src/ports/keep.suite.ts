import { afterEach, describe, expect, it } from 'vitest'
import { type Keep, KeepInvalid, KeepLost, NotANumber } from './keep.ts'
import { leaseTests } from './keep-leases.suite.ts'
import { byCodePoint, keysOf, scanAndWatchTests } from './keep-scan.suite.ts'

/** One engine under test: opens handles on the same store. */
export interface KeepStand {
  /** A handle; each call gives a new one on the same store. */
  open(): Promise<Keep>
  /** Whether what was put is there after every handle was closed. */
  readonly durable: boolean
  /** A time to live in ms that is over soon, but not before a few calls are through. */
  readonly short: number
  /** Lets so many ms pass, for the engine's clock. */
  advance(ms: number): Promise<void>
  /** Makes the engine go away for handles that are open. */
  readonly lose?: () => Promise<void>
  /** Lets it come back for them, if it can. */
  readonly find?: () => Promise<void>
  dispose(): Promise<void>
}

const oddKeys = [
  ' ',
  'a b',
  '%',
  '_',
  '*',
  '?',
  '[a]',
  '\\',
  '\\*',
  "'",
  '"',
  '\n',
  '\u0001',
  '\u007f',
  'ü',
  'é',
  '中',
  '\uffff',
  '😀',
  ':',
  'a:b:c',
  '$1',
  '{tag}',
]
const minute = 60_000

/** Begins a test: a handle, and more on the same store. */
export type StartKeep = () => Promise<{
  readonly one: KeepStand
  readonly keep: Keep
  open(): Promise<Keep>
}>

/** The suite of the port `keep`: every engine runs it. */
export function keepSuite(name: string, stand: () => Promise<KeepStand>) {
  describe(`keep on ${name}`, () => {
    const stands: KeepStand[] = []
    const keeps: Keep[] = []
    afterEach(async () => {
      for (const keep of keeps.splice(0)) await keep.close()
      for (const one of stands.splice(0)) await one.dispose()
    })
    async function start() {
      const one = await stand()
      stands.push(one)
      const open = async () => {
        const keep = await one.open()
        keeps.push(keep)
        return keep
      }
      return { one, open, keep: await open() }
    }

    it('gives back what was put, and nothing where nothing is', async () => {
      const { keep } = await start()
      expect(await keep.get('a')).toBeNull()
      const first = await keep.put('a', 'one')
      expect(first.value).toBe('one')
      expect(await keep.get('a')).toEqual(first)
      const second = await keep.put('a', 'two')
      expect(await keep.get('a')).toEqual({ value: 'two', version: second.version })
      const empty = await keep.put('b', '')
      expect(await keep.get('b')).toEqual({ value: '', version: empty.version })
    })

    it('never gives a key the same version twice, over deletion and expiry too', async () => {
      const { keep, one } = await start()
      const versions = [(await keep.put('a', 'x')).version, (await keep.put('a', 'x')).version]
      await keep.delete('a')
      versions.push((await keep.compareAndSet('a', null, 'x', one.short))?.version ?? '')
      await one.advance(one.short)
      versions.push((await keep.put('a', 'x')).version)
      await keep.increment('n', 1)
      versions.push((await keep.get('n'))?.version ?? '')
      expect(new Set(versions).size).toBe(5)
      expect(versions).not.toContain('')
    })

    it('takes odd characters in keys and values as they are', async () => {
      const { keep } = await start()
      for (const key of oddKeys) await keep.put(key, `<${key}>`)
      for (const key of oddKeys) expect((await keep.get(key))?.value).toBe(`<${key}>`)
      expect((await keep.scan('', 1_000)).map((item) => [item.key, item.value])).toEqual(
        [...oddKeys].sort(byCodePoint).map((key) => [key, `<${key}>`]),
      )
      for (const key of oddKeys) expect(await keep.delete(key)).toBe(true)
      expect(await keep.scan('', 1_000)).toEqual([])
    })

    it('takes the longest key and value, and refuses what no engine stores alike', async () => {
      const { keep } = await start()
      const key = '😀'.repeat(256)
      const value = 'é'.repeat(512 * 1024)
      await keep.put(key, value)
      expect((await keep.get(key))?.value === value).toBe(true)
      const bad = ['', 'x'.repeat(513), 'a\u0000', '\ud800', 'a\udc00b']
      for (const one of bad) {
        await expect(keep.get(one)).rejects.toThrow(KeepInvalid)
        await expect(keep.put(one, 'v')).rejects.toThrow(KeepInvalid)
        await expect(keep.compareAndSet(one, null, 'v')).rejects.toThrow(KeepInvalid)
        await expect(keep.increment(one, 1)).rejects.toThrow(KeepInvalid)
        await expect(keep.delete(one)).rejects.toThrow(KeepInvalid)
        await expect(keep.lease(one, 'me', 1)).rejects.toThrow(KeepInvalid)
        await expect(keep.lease('name', one, 1)).rejects.toThrow(KeepInvalid)
        expect(() => keep.watch(one, AbortSignal.abort())).toThrow(KeepInvalid)
        if (one !== '') await expect(keep.scan(one, 1)).rejects.toThrow(KeepInvalid)
      }
      for (const one of [`${value}.`, 'a\u0000', '\ud800']) {
        await expect(keep.put('a', one)).rejects.toThrow(KeepInvalid)
        await expect(keep.compareAndSet('a', null, one)).rejects.toThrow(KeepInvalid)
      }
      for (const ttl of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        await expect(keep.put('a', 'v', ttl)).rejects.toThrow(KeepInvalid)
        await expect(keep.lease('a', 'me', ttl)).rejects.toThrow(KeepInvalid)
      }
      await expect(keep.increment('a', 0.5)).rejects.toThrow(KeepInvalid)
      await expect(keep.scan('', -1)).rejects.toThrow(KeepInvalid)
      expect(await keep.get('a')).toBeNull()
    })

    it('forgets a value when its time is over, everywhere', async () => {
      const { keep, one, open } = await start()
      const other = await open()
      const kept = await keep.put('a', 'v', one.short)
      await keep.put('b', 'v', minute)
      await keep.put('c', 'v', one.short)
      await keep.put('c', 'w')
      await one.advance(one.short)
      for (const handle of [keep, other]) {
        expect(await handle.get('a')).toBeNull()
        expect(await keysOf(handle, '')).toEqual(['b', 'c'])
      }
      expect(await keep.compareAndSet('a', kept.version, 'x')).toBeNull()
      expect(await keep.delete('a')).toBe(false)
      expect(await keep.delete('a', kept.version)).toBe(false)
      expect((await keep.compareAndSet('a', null, 'new'))?.value).toBe('new')
      await one.advance(one.short)
      expect((await other.get('a'))?.value).toBe('new')
    })

    it('sets by comparison: only over the version that was seen', async () => {
      const { keep } = await start()
      const first = await keep.compareAndSet('a', null, 'one')
      expect(first?.value).toBe('one')
      expect(await keep.compareAndSet('a', null, 'two')).toBeNull()
      const second = await keep.compareAndSet('a', first?.version ?? '', 'two')
      expect(await keep.get('a')).toEqual(second)
      expect(await keep.compareAndSet('a', first?.version ?? '', 'three')).toBeNull()
      expect(await keep.compareAndSet('a', 'no version', 'three')).toBeNull()
      expect(await keep.compareAndSet('nothing', first?.version ?? '', 'three')).toBeNull()
      expect(await keep.get('nothing')).toBeNull()
      expect((await keep.get('a'))?.value).toBe('two')
    })

    it('lets a comparison decide the time to live anew', async () => {
      const { keep, one } = await start()
      const a = await keep.put('a', 'v', one.short)
      const b = await keep.put('b', 'v')
      await keep.compareAndSet('a', a.version, 'w')
      await keep.compareAndSet('b', b.version, 'w', one.short)
      await one.advance(one.short)
      expect((await keep.get('a'))?.value).toBe('w')
      expect(await keep.get('b')).toBeNull()
    })

    it('lets exactly one of many win who set by comparison at once', async () => {
      const { keep, open } = await start()
      const handles = [keep, await open()]
      const race = (expected: string | null) =>
        Promise.all(
          Array.from({ length: 64 }, (_, n) =>
            (handles[n % 2] ?? keep).compareAndSet('a', expected, `by ${n}`),
          ),
        )
      for (const expected of [null, '']) {
        const version = expected === null ? null : ((await keep.get('a'))?.version ?? '')
        const won = (await race(version)).filter((kept) => kept !== null)
        expect(won).toHaveLength(1)
        expect(await handles[1]?.get('a')).toEqual(won[0])
      }
    })

    it('adds up, from nothing too, whoever adds', async () => {
      const { keep, open } = await start()
      const handles = [keep, await open()]
      expect(await keep.increment('n', 5)).toBe(5)
      expect(await keep.increment('n', -7)).toBe(-2)
      expect(await keep.increment('n', 2)).toBe(0)
      expect((await keep.get('n'))?.value).toBe('0')
      const sums = await Promise.all(
        Array.from({ length: 64 }, (_, n) => (handles[n % 2] ?? keep).increment('n', 1)),
      )
      expect([...sums].sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, n) => n + 1))
      expect((await keep.get('n'))?.value).toBe('64')
      const before = await keep.get('n')
      expect(await keep.increment('n', 0)).toBe(64)
      expect((await keep.get('n'))?.version).not.toBe(before?.version)
    })

    it('adds only to whole numbers, and only up to 2^53 - 1', async () => {
      const { keep } = await start()
      for (const value of [
        '',
        'x',
        '1.5',
        ' 1',
        '01',
        '1e3',
        '0x1',
        '-0',
        '+1',
        '9'.repeat(16),
        '9'.repeat(40),
      ]) {
        const kept = await keep.put('a', value)
        await expect(keep.increment('a', 1)).rejects.toThrow(NotANumber)
        expect(await keep.get('a')).toEqual(kept)
      }
      await keep.put('a', String(Number.MAX_SAFE_INTEGER - 1))
      expect(await keep.increment('a', 1)).toBe(Number.MAX_SAFE_INTEGER)
      await expect(keep.increment('a', 1)).rejects.toThrow(NotANumber)
      expect(await keep.increment('a', -Number.MAX_SAFE_INTEGER)).toBe(0)
    })

    it('counts the time of a sum from its making', async () => {
      const { keep, one } = await start()
      expect(await keep.increment('a', 1, one.short)).toBe(1)
      expect(await keep.increment('a', 1, minute)).toBe(2)
      await keep.put('b', '1')
      await keep.increment('b', 1, one.short)
      await one.advance(one.short)
      expect(await keep.get('a')).toBeNull()
      expect(await keep.increment('a', 1, minute)).toBe(1)
      expect((await keep.get('b'))?.value).toBe('2')
    })

    it('deletes, with a version only in that version', async () => {
      const { keep } = await start()
      const first = await keep.put('a', 'v')
      const second = await keep.put('a', 'v')
      expect(await keep.delete('a', first.version)).toBe(false)
      expect(await keep.delete('a', 'no version')).toBe(false)
      expect(await keep.delete('a', second.version)).toBe(true)
      expect(await keep.delete('a', second.version)).toBe(false)
      await keep.put('a', 'v')
      expect(await keep.delete('a')).toBe(true)
      expect(await keep.delete('a')).toBe(false)
      expect(await keep.get('a')).toBeNull()
    })

    it('lets exactly one of many take what was there', async () => {
      const { keep, open } = await start()
      const handles = [keep, await open()]
      const kept = await keep.put('ticket', 'v')
      const taken = await Promise.all(
        Array.from({ length: 32 }, (_, n) => (handles[n % 2] ?? keep).delete('ticket', kept.version)),
      )
      expect(taken.filter((one) => one)).toHaveLength(1)
    })

    scanAndWatchTests(start)
    leaseTests(start)

    it('finds everything again after reopening', async () => {
      const { keep, open, one } = await start()
      if (!one.durable) return
      const kept = await keep.put('a', 'v')
      await keep.put('b', 'v', one.short)
      const lease = await keep.lease('x', 'me', minute)
      await keep.close()
      const again = await open()
      expect(await again.get('a')).toEqual(kept)
      await one.advance(one.short)
      expect(await again.get('b')).toBeNull()
      expect(await again.lease('x', 'you', minute)).toBeNull()
      expect((await again.lease('x', 'me', minute))?.token).toBeGreaterThan(lease?.token ?? 0)
      expect((await again.put('a', 'v')).version).not.toBe(kept.version)
    })

    it('says that it is closed, and closes twice', async () => {
      const { keep, open } = await start()
      const other = await open()
      await keep.check()
      const lease = await keep.lease('x', 'me', minute)
      const seen = keep.watch('a', new AbortController().signal)[Symbol.asyncIterator]()
      await seen.next()
      const waiting = expect(seen.next()).rejects.toThrow(KeepLost)
      await keep.close()
      await keep.close()
      await waiting
      for (const run of everyMethod(keep)) await expect(run()).rejects.toThrow(KeepLost)
      await expect(lease?.renew(1)).rejects.toThrow(KeepLost)
      await other.check()
      await other.put('a', 'v')
    })

    it('says that the engine is lost, and works on when it is back', async () => {
      const { keep, one, open } = await start()
      if (one.lose === undefined) return
      await keep.put('a', 'v')
      const seen = keep.watch('a', new AbortController().signal)[Symbol.asyncIterator]()
      await seen.next()
      const waiting = expect(seen.next()).rejects.toThrow(KeepLost)
      await one.lose()
      for (const run of everyMethod(keep)) await expect(run()).rejects.toThrow(KeepLost)
      await waiting
      if (one.find === undefined) return
      await one.find()
      // A handle made while the engine is back, and the old one as soon as it has noticed.
      expect((await (await open()).get('a'))?.value).toBe('v')
      await expect.poll(() => keep.check().then(() => 'back', String), { timeout: 20_000 }).toBe('back')
      expect((await keep.get('a'))?.value).toBe('v')
    })
  })
}

function everyMethod(keep: Keep): (() => Promise<unknown>)[] {
  return [
    () => keep.get('a'),
    () => keep.put('a', 'w'),
    () => keep.compareAndSet('a', null, 'w'),
    () => keep.increment('n', 1),
    () => keep.delete('a'),
    () => keep.scan('', 1),
    () => keep.lease('z', 'me', 1),
    () => keep.watch('a', new AbortController().signal)[Symbol.asyncIterator]().next(),
    () => keep.check(),
  ]
}
