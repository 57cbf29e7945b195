import { expect, test } from 'vitest'
import { duration } from './duration.ts'
import { compact, money, number, percent } from './number.ts'
import { words } from './words.ts'

test('lengths of time are told in their two largest units', () => {
  const seconds = [0.04, 1, 8.12, 59.6, 90, 600, 7_500, 7_200, 90_000, 864_000]
  expect(seconds.map((each) => duration(each * 1_000))).toEqual([
    '40 ms',
    '1 s',
    '8.1 s',
    '60 s',
    '1 min 30 s',
    '10 min',
    '2 h 5 min',
    '2 h',
    '1 d 1 h',
    '10 d',
  ])
})

test('a number that is not known is never shown as zero', () => {
  expect([number(null), compact(null), money(null), percent(null)]).toEqual(['–', '–', '–', '–'])
  expect([number(12_345.678), compact(1_234_567), money(0.0123), money(12), percent(0.3333)]).toEqual([
    '12,345.68',
    '1.2M',
    '$0.0123',
    '$12.00',
    '33.3 %',
  ])
})

test('names of records read as words', () => {
  expect([words('needs_input'), words('reviewItems')]).toEqual(['needs input', 'review items'])
})
