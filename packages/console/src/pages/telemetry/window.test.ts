import { expect, test } from 'vitest'
import { bucketFor, isIncomplete, renewal, windowOf } from './window.ts'

test('a window is drawn in the finest bucket that can still be told apart', () => {
  const custom = (to: string) => bucketFor({ preset: 'custom', from: '2026-11-01T00:00:00Z', to })
  expect([bucketFor({}), bucketFor({ preset: '24h' }), bucketFor({ preset: '7d' })]).toEqual([
    '1m',
    '1h',
    '1h',
  ])
  expect([custom('2026-11-01T02:00:00Z'), custom('2026-11-30T00:00:00Z'), custom('nonsense')]).toEqual([
    '1m',
    '1d',
    '1d',
  ])
})

test('from and to go with a custom window alone', () => {
  const times = { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' }
  expect(windowOf({ ...times, preset: '24h', q: 'x' })).toEqual({ preset: '24h', q: 'x', filter: undefined })
  expect(windowOf({ ...times, preset: 'custom' })).toMatchObject(times)
  expect([
    isIncomplete({ preset: 'custom' }),
    isIncomplete({ ...times, preset: 'custom' }),
    isIncomplete({}),
  ]).toEqual([true, false, false])
  expect(renewal({ ...times, preset: 'custom' })).toBe(false)
})
