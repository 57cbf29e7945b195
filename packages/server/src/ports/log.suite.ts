import { describe, expect, it } from 'vitest'
import {
  digest,
  type LogStand,
  openingLogs,
  suiteEntry,
  suiteSeal,
  suiteShape,
  told,
} from './log.test-kit.ts'
import type { Log, LogShape, Seal } from './log.ts'
import { logQuerySuite } from './log-query.suite.ts'

/** The suite of the port `log`: every engine runs it. */
export function logSuite(name: string, stand: (shape: LogShape, seal?: Seal) => Promise<LogStand>) {
  logQuerySuite(name, stand)
  describe(`log on ${name}`, () => {
    const start = openingLogs(stand)

    it('gives positions from 1 in the order told, per tenant', async () => {
      const { log } = await start()
      const first = await log.append('a', [suiteEntry('x'), suiteEntry('y')])
      expect(first).toEqual([
        { status: 'accepted', position: 1, receivedAt: 1_700_000_001_000 },
        { status: 'accepted', position: 2, receivedAt: 1_700_000_001_000 },
      ])
      expect(await log.append('b', [suiteEntry('x')])).toMatchObject([{ status: 'accepted', position: 1 }])
      expect(await log.append('a', [])).toEqual([])
      expect([await log.head('a'), await log.head('b'), await log.head('c')]).toEqual([2, 1, 0])
      expect([...(await log.tenants())].sort()).toEqual(['a', 'b'])
    })

    it('keeps the first of an id: same digest is a duplicate, another a conflict, in a batch too', async () => {
      const { log } = await start()
      const changed = suiteEntry('x', { digest: digest('other'), payload: '{"changed":true}', receivedAt: 5 })
      expect(
        (await log.append('a', [suiteEntry('x'), suiteEntry('x'), changed])).map((v) => v.status),
      ).toEqual(['accepted', 'duplicate', 'conflict'])
      const again = await log.append('a', [changed, suiteEntry('x', { receivedAt: 9 }), suiteEntry('z')])
      expect(again).toEqual([
        { status: 'conflict', position: 1, receivedAt: 1_700_000_001_000 },
        { status: 'duplicate', position: 1, receivedAt: 1_700_000_001_000 },
        { status: 'accepted', position: 2, receivedAt: 1_700_000_001_000 },
      ])
      expect(JSON.parse((await log.get('a', 'x'))?.payload ?? '')).toEqual({ id: 'x' })
    })

    it('gives back what was told, odd characters and all', async () => {
      const { log } = await start()
      const id = `a/b '"\\ %_ ü 😀 ${'n'.repeat(150)}`
      const payload = {
        text: 'tab\t quote" back\\ nl\n 😀',
        n: [1.5, 1e21, -0.000001],
        deep: { k: null, t: true },
      }
      const entry = suiteEntry(id, {
        attributes: told('odd \' " kind', {
          product: 'p\u2028',
          tokens: 9_007_199_254_740_991,
          cost: 0.1,
          'x.y': 'free',
          flag: true,
        }),
        payload: JSON.stringify(payload),
        occurredAt: 1_700_000_000_123,
        receivedAt: 1_700_000_001_456,
      })
      await log.append('tenant-1', [entry])
      const stored = await log.get('tenant-1', id)
      expect(JSON.parse(stored?.payload ?? '')).toEqual(payload)
      expect(stored).toMatchObject({
        ...entry,
        payload: stored?.payload,
        attributes: {},
        tenant: 'tenant-1',
        position: 1,
      })
      expect(stored?.attributes).toMatchObject({
        kind: 'odd \' " kind',
        product: 'p\u2028',
        tokens: 9_007_199_254_740_991,
        cost: 0.1,
      })
      const found = await log.query(
        'tenant-1',
        {
          filter: { where: [{ attribute: 'x.y', in: ['free'] }] },
          by: 'position',
          direction: 'asc',
          limit: 5,
        },
        5_000,
      )
      expect(found.map((one) => one.id)).toEqual([id])
      expect(await log.get('tenant-1', 'absent')).toBeNull()
      expect(await log.get('other', id)).toBeNull()
    })

    it('reads behind a position, limited, up to a position', async () => {
      const { log } = await start()
      await log.append(
        'a',
        Array.from({ length: 10 }, (_, n) => suiteEntry(`e${n}`)),
      )
      const positions = async (after: number, limit: number, upTo?: number) =>
        (await log.read('a', after, limit, upTo)).map((entry) => entry.position)
      expect(await positions(0, 3)).toEqual([1, 2, 3])
      expect(await positions(7, 100)).toEqual([8, 9, 10])
      expect(await positions(2, 100, 5)).toEqual([3, 4, 5])
      expect(await positions(10, 5)).toEqual([])
    })

    it('knows the last position received by an instant', async () => {
      const { log } = await start()
      await log.append(
        'a',
        [100, 200, 300].map((receivedAt) => suiteEntry(`r${receivedAt}`, { receivedAt })),
      )
      expect(await Promise.all([99, 100, 250, 999].map((instant) => log.positionAt('a', instant)))).toEqual([
        0, 1, 2, 3,
      ])
    })

    it('joins waiting appends without mixing their verdicts', async () => {
      const { log } = await start()
      const verdicts = await Promise.all(
        Array.from({ length: 300 }, (_, n) => log.append(n % 2 ? 'a' : 'b', [suiteEntry(`e${n % 100}`)])),
      )
      expect(verdicts.flat().filter((verdict) => verdict.status === 'accepted')).toHaveLength(100)
      expect([await log.head('a'), await log.head('b')]).toEqual([50, 50])
      for (const [n, [verdict]] of verdicts.entries()) {
        const stored = await log.get(n % 2 ? 'a' : 'b', `e${n % 100}`)
        expect(stored?.position).toBe(verdict?.position)
      }
    })

    it('lets a follower see everything once and in order, history and news', async () => {
      const { log } = await start()
      await log.append('a', [suiteEntry('1'), suiteEntry('2')])
      const stop = new AbortController()
      const seen: number[] = []
      const following = (async () => {
        for await (const entries of log.follow('a', 1, stop.signal)) {
          seen.push(...entries.map((entry) => entry.position))
          if (seen.length >= 1_501) stop.abort()
        }
      })()
      for (let n = 0; n < 15; n += 1) {
        await log.append(
          'a',
          Array.from({ length: 100 }, (_, k) => suiteEntry(`n${n}-${k}`)),
        )
        await log.append('b', [suiteEntry(`other${n}`)])
      }
      await following
      expect(seen).toEqual(Array.from({ length: 1_501 }, (_, n) => n + 2))
    })

    it('ends a follower that is aborted while it waits', async () => {
      const { log } = await start()
      const stop = new AbortController()
      const following = (async () => {
        for await (const _ of log.follow('a', 0, stop.signal)) throw new Error('nothing was told')
      })()
      setTimeout(() => stop.abort(), 20)
      await following
    })

    it('keeps checkpoints by fold and source, and finds the newest at or before a position', async () => {
      const { log } = await start()
      await log.saveCheckpoint('a', 'f', 's1', { position: 10, state: 'ten' })
      await log.saveCheckpoint('a', 'f', 's1', { position: 20, state: 'twenty' })
      await log.saveCheckpoint('a', 'f', 's1', { position: 20, state: 'twenty again' })
      await log.saveCheckpoint('a', 'f', 's2', { position: 30, state: 'other code' })
      await log.saveCheckpoint('b', 'f', 's1', { position: 15, state: 'other tenant' })
      const load = (fold: string, source: string, upTo: number) => log.loadCheckpoint('a', fold, source, upTo)
      expect(await load('f', 's1', 9)).toBeNull()
      expect(await load('f', 's1', 19)).toEqual({ position: 10, state: 'ten' })
      expect(await load('f', 's1', 99)).toEqual({ position: 20, state: 'twenty again' })
      expect(await load('g', 's1', 99)).toBeNull()
    })

    it('prunes what was received before an instant, all or one class, and keeps counting', async () => {
      const { log } = await start()
      await log.append(
        'a',
        Array.from({ length: 10 }, (_, n) =>
          suiteEntry(`e${n}`, { receivedAt: n * 10, attributes: told(n % 2 ? 'x' : 'y') }),
        ),
      )
      expect(await log.prune('a', 40, [{ attribute: 'kind', in: ['x'] }])).toBe(2)
      expect(await log.floor('a')).toBe(1)
      expect((await log.read('a', 0, 100)).map((entry) => entry.position)).toEqual([1, 3, 5, 6, 7, 8, 9, 10])
      expect(await log.prune('a', 50)).toBe(3)
      expect(await log.floor('a')).toBe(6)
      expect(await log.prune('a', 50)).toBe(0)
      expect(await log.get('a', 'e0')).toBeNull()
      expect(await log.append('a', [suiteEntry('new', { receivedAt: 200 })])).toMatchObject([
        { status: 'accepted', position: 11 },
      ])
      expect(await log.prune('a', 1_000)).toBe(6)
      expect(await log.append('a', [suiteEntry('newer')])).toMatchObject([{ position: 12 }])
    })

    it('chains the entries of a chained log', async () => {
      const { log, one, open } = await start(
        { ...suiteShape, name: 'chained', table: 'console_suite_chain', chained: true },
        suiteSeal,
      )
      const more = one.shared ? [log, await open()] : [log]
      await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          (more[n % more.length] as Log).append('a', [suiteEntry(`e${n}`)]),
        ),
      )
      let prevHash = '0'.repeat(64)
      const entries = await log.read('a', 0, 100)
      expect(entries).toHaveLength(40)
      for (const entry of entries) {
        expect(entry.prevHash).toBe(prevHash)
        expect(entry.hash).toBe(suiteSeal({ ...entry, prevHash }))
        prevHash = entry.hash ?? ''
      }
    })

    it('answers every call after closing with a clear loss', async () => {
      const { one } = await start()
      const log = await one.open()
      await log.check()
      await log.close()
      await expect(log.append('a', [suiteEntry('x')])).rejects.toThrow()
      await expect(log.check()).rejects.toThrow()
    })

    it('is the same after closing and opening', async () => {
      const { one, log, open } = await start()
      if (!one.durable) return expect(one.durable).toBe(false)
      await log.append('a', [suiteEntry('1'), suiteEntry('2')])
      await log.saveCheckpoint('a', 'f', 's', { position: 2, state: 'two' })
      await log.close()
      const again = await open()
      expect((await again.read('a', 0, 10)).map((entry) => entry.id)).toEqual(['1', '2'])
      expect(await again.append('a', [suiteEntry('2'), suiteEntry('3')])).toMatchObject([
        { status: 'duplicate', position: 2 },
        { status: 'accepted', position: 3 },
      ])
      expect(await again.loadCheckpoint('a', 'f', 's', 9)).toEqual({ position: 2, state: 'two' })
    })

    it('takes an id from one of two racing writers, and followers of the other miss nothing', async () => {
      const { one, log, open } = await start()
      if (!one.shared) return expect(one.shared).toBe(false)
      const other = await open()
      const stop = new AbortController()
      const seen: number[] = []
      const following = (async () => {
        for await (const entries of other.follow('a', 0, stop.signal)) {
          seen.push(...entries.map((entry) => entry.position))
          if (seen.length >= 400) stop.abort()
        }
      })()
      const verdicts = await Promise.all(
        Array.from({ length: 800 }, (_, n) =>
          (n % 2 ? log : other).append('a', [suiteEntry(`e${n >> 1}`, { digest: digest(`${n % 4}`) })]),
        ),
      )
      await following
      expect(verdicts.flat().filter((verdict) => verdict.status === 'accepted')).toHaveLength(400)
      expect(seen).toEqual(Array.from({ length: 400 }, (_, n) => n + 1))
    })

    it('says so when the engine is lost', async () => {
      const { one, log } = await start()
      if (one.lose === undefined) return expect(one.lose).toBeUndefined()
      await log.append('a', [suiteEntry('kept')])
      await one.lose()
      await expect(log.append('a', [suiteEntry('x')])).rejects.toMatchObject({ name: 'LogLost' })
      await expect(log.head('a')).rejects.toMatchObject({ name: 'LogLost' })
      await expect(log.check()).rejects.toMatchObject({ name: 'LogLost' })
    })
  })
}
