import { expect, test } from 'vitest'
import { alignSeries } from './align-series.ts'

test('series share one axis, and a missing value is not zero', () => {
  const [a, b, c] = ['2026-11-20T09:00:00Z', '2026-11-20T09:01:00Z', '2026-11-20T09:02:00Z'] as const
  const start = Date.parse(a) / 1_000
  expect(
    alignSeries([
      {
        key: 'x',
        points: [
          [a, 1],
          [c, 0],
        ],
      },
      {
        key: 'y',
        points: [
          [b, 5],
          [c, null],
        ],
      },
    ]),
  ).toEqual([
    [start, start + 60, start + 120],
    [1, null, 0],
    [null, 5, null],
  ])
  expect(alignSeries([])).toEqual([[]])
})
