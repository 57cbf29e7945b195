import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyAsOf, noteEvent, positionOfEvent, positionUpTo } from './as-of.ts'

test('the last position up to an instant is that of a plain search', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 60 }), fc.nat(55), (times, instant) => {
      const index = emptyAsOf()
      for (const [at, time] of times.entries()) noteEvent(index, `e${at}`, at + 1, time)
      expect(positionUpTo(index, instant)).toBe(times.findLastIndex((time) => time <= instant) + 1)
    }),
  )
})

test('far back the answer is coarser, and errs only to the earlier', () => {
  const index = emptyAsOf()
  for (let at = 1; at <= 100_000; at += 1) noteEvent(index, `e${at}`, at, at)
  expect(index.times.length).toBeLessThanOrEqual(8_192)
  for (const instant of [1, 500, 12_345, 77_777])
    expect(positionUpTo(index, instant)).toBeLessThanOrEqual(instant)
  expect(positionUpTo(index, 99_000)).toBe(99_000)
})

test('the newest 50,000 events are known by id', () => {
  const index = emptyAsOf()
  for (let at = 1; at <= 160_000; at += 1) noteEvent(index, `e${at}`, at, at)
  expect(positionOfEvent(index, 'e110001')).toBe(110_001)
  expect(positionOfEvent(index, 'e160000')).toBe(160_000)
  expect(positionOfEvent(index, 'e1')).toBeUndefined()
})
