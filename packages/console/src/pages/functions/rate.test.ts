import { expect, test } from 'vitest'
import { rate } from './rate.ts'

test.each([
  [0, '0'],
  [101.34, '101/s'],
  [1.25, '1.3/s'],
  [0.05, '3/min'],
  [1 / 3_600, '1/h'],
])('%s calls a second are told as %s', (perSecond, said) => {
  expect(rate(perSecond)).toBe(said)
})
