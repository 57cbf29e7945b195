import { describe, expect, it } from 'vitest'
import { type LogStand, openingLogs, suiteEntry, told } from './log.test-kit.ts'
import type { Log, LogShape, Seal } from './log.ts'

/** What the suite of the port `log` holds of pages, filters and counts. */
export function logQuerySuite(name: string, stand: (shape: LogShape, seal?: Seal) => Promise<LogStand>) {
  describe(`queries of a log on ${name}`, () => {
    const start = openingLogs(stand)

    it('pages by time and by position, both ways, each row once', async () => {
      const { log } = await start()
      // Several share one instant, so that position decides between them.
      const entries = Array.from({ length: 100 }, (_, n) =>
        suiteEntry(`e${n}`, { occurredAt: 1_000 + ((n * 37) % 10) }),
      )
      await log.append('a', entries)
      for (const by of ['time', 'position'] as const) {
        for (const direction of ['asc', 'desc'] as const) {
          const seen: { occurredAt: number; position: number }[] = []
          for (;;) {
            const behind = seen.at(-1)
            const page = await log.query(
              'a',
              { filter: {}, by, direction, limit: 7, ...(behind === undefined ? {} : { behind }) },
              5_000,
            )
            if (page.length === 0) break
            seen.push(...page)
          }
          expect(new Set(seen.map((one) => one.position)).size).toBe(100)
          const key = (one: { occurredAt: number; position: number }) =>
            (by === 'time' ? one.occurredAt * 1_000 : 0) + one.position
          const keys = seen.map(key)
          expect(keys).toEqual([...keys].sort((x, y) => (direction === 'asc' ? x - y : y - x)))
        }
      }
    })

    it('filters by time, position, columns, free attributes, absence and text', async () => {
      const { log } = await start()
      await log.append('a', [
        suiteEntry('one', {
          occurredAt: 10,
          attributes: told('x', { product: 'p', tokens: 3, color: 'red', n: 5 }),
          payload: '{"say":"Hello World"}',
        }),
        suiteEntry('two', {
          occurredAt: 20,
          attributes: told('y', { product: 'q', color: 'dark red', flag: true }),
          payload: '{"deep":{"list":["100% SURE_"]}}',
        }),
        suiteEntry('three', { occurredAt: 30, attributes: told('x') }),
        suiteEntry('four', {
          occurredAt: 40,
          attributes: told('z', { product: 'p', tokens: 5 }),
          payload: '{"hello":1}',
        }),
      ])
      const ids = async (filter: Parameters<Log['aggregate']>[1]) =>
        (await log.query('a', { filter, by: 'position', direction: 'asc', limit: 50 }, 5_000)).map(
          (entry) => entry.id,
        )
      expect(await ids({ from: 20, to: 40 })).toEqual(['two', 'three'])
      expect(await ids({ after: 1, upTo: 3 })).toEqual(['two', 'three'])
      expect(await ids({ where: [{ attribute: 'kind', in: ['x', 'z'] }] })).toEqual(['one', 'three', 'four'])
      expect(
        await ids({
          where: [
            { attribute: 'kind', in: ['x', 'z'] },
            { attribute: 'product', in: ['p'] },
          ],
        }),
      ).toEqual(['one', 'four'])
      expect(await ids({ where: [{ attribute: 'product', in: [null, 'q'] }] })).toEqual(['two', 'three'])
      expect(await ids({ where: [{ attribute: 'tokens', in: ['5'] }] })).toEqual(['four'])
      expect(await ids({ where: [{ attribute: 'n', in: ['5'] }] })).toEqual(['one'])
      expect(await ids({ where: [{ attribute: 'flag', in: ['true'] }] })).toEqual(['two'])
      expect(await ids({ where: [{ attribute: 'color', in: [null] }] })).toEqual(['three', 'four'])
      expect(await ids({ where: [{ attribute: 'color', includes: 'red' }] })).toEqual(['one', 'two'])
      expect(await ids({ where: [{ attribute: 'kind', includes: 'x' }] })).toEqual(['one', 'three'])
      expect(await ids({ where: [{ attribute: `color' or 1=1 --`, in: ['red'] }] })).toEqual([])
      expect(await ids({ text: 'hello' })).toEqual(['one'])
      expect(await ids({ text: '100% sure_' })).toEqual(['two'])
      expect(await ids({ text: '.*' })).toEqual([])
    })

    it('counts and aggregates in the engine', async () => {
      const { log } = await start()
      await log.append(
        'a',
        Array.from({ length: 20 }, (_, n) =>
          suiteEntry(`e${n}`, {
            occurredAt: n * 1_000,
            attributes: told(n < 15 ? 'x' : 'y', {
              product: n % 4 === 0 ? null : `p${n % 4}`,
              tokens: n,
              cost: n % 2 ? n / 4 : null,
              color: n % 3 === 0 ? 'red' : 'blue',
            }),
          }),
        ),
      )
      const [all, byKind, byColor, byProduct, byTime, both] = await log.aggregate(
        'a',
        { from: 0, upTo: 20 },
        [
          {
            by: [],
            measures: {
              count: { op: 'count' },
              tokens: { op: 'sum', attribute: 'tokens' },
              cost: { op: 'sum', attribute: 'cost' },
              priced: { op: 'present', attribute: 'cost' },
              products: { op: 'distinct', attribute: 'product' },
              least: { op: 'min', attribute: 'tokens' },
              most: { op: 'max', attribute: 'tokens' },
              red: { op: 'count', where: [{ attribute: 'color', in: ['red'] }] },
              redTokens: { op: 'sum', attribute: 'tokens', where: [{ attribute: 'color', in: ['red'] }] },
              p50: { op: 'percentile', attribute: 'tokens', p: 0.5 },
              p95: { op: 'percentile', attribute: 'tokens', p: 0.95 },
            },
          },
          { by: ['kind'], measures: { count: { op: 'count' } } },
          { by: ['color'], measures: { count: { op: 'count' } }, top: 1 },
          { by: ['product'], measures: { count: { op: 'count' } } },
          { by: [{ bucket: 5_000 }], measures: { first: { op: 'min', attribute: 'tokens' } } },
          { by: ['kind', 'color'], measures: { p50: { op: 'percentile', attribute: 'tokens', p: 0.5 } } },
        ],
        5_000,
      )
      expect(all).toEqual([
        {
          key: [],
          values: {
            count: 20,
            tokens: 190,
            cost: 25,
            priced: 10,
            products: 3,
            least: 0,
            most: 19,
            red: 7,
            redTokens: 63,
            p50: 9,
            p95: 18,
          },
        },
      ])
      expect(byKind).toEqual([
        { key: ['x'], values: { count: 15 } },
        { key: ['y'], values: { count: 5 } },
      ])
      expect(byColor).toEqual([{ key: ['blue'], values: { count: 13 } }])
      expect(byProduct).toEqual(['p1', 'p2', 'p3', null].map((key) => ({ key: [key], values: { count: 5 } })))
      expect(byTime).toEqual([15, 10, 5, 0].map((first) => ({ key: [first * 1_000], values: { first } })))
      expect(both?.map((row) => [...row.key, row.values.p50])).toEqual(
        [
          ['y', 'red', 15],
          ['y', 'blue', 17],
          ['x', 'blue', 7],
          ['x', 'red', 6],
        ].sort((one, two) => Number(two[2]) - Number(one[2])),
      )
      expect(
        await log.aggregate(
          'none',
          {},
          [{ by: [], measures: { n: { op: 'count' }, s: { op: 'sum', attribute: 'tokens' } } }],
          5_000,
        ),
      ).toEqual([[{ key: [], values: { n: 0, s: null } }]])
    })
  })
}
