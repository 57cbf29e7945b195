import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLimits } from './parse-limits.ts'

const day = 86_400_000

describe('limits as they are written', () => {
  it.each([
    ['10 per minute', [[10, 60_000]]],
    ['10/minute', [[10, 60_000]]],
    ['  10PER  MINUTES ', [[10, 60_000]]],
    ['10perminute', [[10, 60_000]]],
    ['10 / 1 Minute', [[10, 60_000]]],
    ['1/second', [[1, 1_000]]],
    ['5/15seconds', [[5, 15_000]]],
    ['3 per 2 hours', [[3, 7_200_000]]],
    ['7/days', [[7, day]]],
    ['7/month', [[7, 30 * day]]],
    ['7 per 2 YEARS', [[7, 720 * day]]],
    ['0010/minute', [[10, 60_000]]],
    [
      '600/minute;20000/hour',
      [
        [600, 60_000],
        [20_000, 3_600_000],
      ],
    ],
    [
      '10/minute;100/hour, 1000/day | 3 per 2 hours',
      [
        [10, 60_000],
        [100, 3_600_000],
        [1_000, day],
        [3, 7_200_000],
      ],
    ],
  ])('reads %j', (text, limits) => {
    expect(parseLimits(text)).toEqual(limits.map(([count, windowMs]) => ({ count, windowMs })))
  })

  it.each([
    ['', 'there is no limit'],
    ['   ', 'there is no limit'],
    ['10/minute;', 'a limit is missing beside a separator'],
    [';10/minute', 'a limit is missing'],
    ['10/minute;;5/hour', 'a limit is missing'],
    ['0/minute', 'the count must be at least 1'],
    ['10/minute;0 per hour', '"0 per hour" is no limit: the count must be at least 1'],
    ['-5/minute', 'the count must be at least 1'],
    ['5/0 minutes', 'the number of minutes must be at least 1'],
    ['5/-2 minutes', 'the number of minutes must be at least 1'],
    ['10', 'write limits like'],
    ['10/', 'it needs a unit: second'],
    ['10 per 2', 'it needs a unit: second'],
    ['10 per fortnight', 'the unit must be second'],
    ['10/minutess', 'the unit must be second'],
    ['10/s', 'the unit must be second'],
    ['10/constructor', 'the unit must be second'],
    ['10//minute', 'write limits like'],
    ['10 each minute', 'write limits like'],
    ['ten/minute', 'write limits like'],
    ['1.5/minute', 'write limits like'],
    ['1e3/minute', 'write limits like'],
    ['10/minute 5/hour', 'write limits like'],
    ['10/1.5 hours', 'write limits like'],
    ['10000000000/minute', 'the count can be at most'],
    [`1/${'9'.repeat(400)} seconds`, 'the window can be at most'],
    ['1/101 years', 'the window can be at most'],
  ])('refuses %j and says why', (text, why) => {
    expect(() => parseLimits(text)).toThrow(why)
  })

  it('reads back whatever is written by the grammar', () => {
    const units = [
      ['second', 1_000],
      ['minute', 60_000],
      ['hour', 3_600_000],
      ['day', day],
      ['month', 30 * day],
      ['year', 360 * day],
    ] as const
    const gap = fc.constantFrom('', ' ', '  ')
    const limit = fc
      .record({
        count: fc.integer({ min: 1, max: 1_000_000_000 }),
        times: fc.option(fc.integer({ min: 1, max: 100 })),
        unit: fc.constantFrom(...units),
        word: fc.constantFrom('/', 'per', 'PER', 'Per'),
        plural: fc.constantFrom('', 's', 'S'),
        upper: fc.boolean(),
        gaps: fc.array(gap, { minLength: 5, maxLength: 5 }),
      })
      .map(({ count, times, unit: [name, ms], word, plural, upper, gaps }) => {
        const unit = upper ? name.toUpperCase() : name
        const parts = ['', String(count), word, times === null ? '' : String(times), unit + plural]
        return {
          text: parts.map((part, place) => part + gaps[place]).join(''),
          limit: { count, windowMs: (times ?? 1) * ms },
        }
      })
    const limits = fc.array(fc.tuple(limit, fc.constantFrom(';', ',', '|')), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(limits, (all) => {
        const text = all.map(([one, separator], place) => (place === 0 ? '' : separator) + one.text).join('')
        expect(parseLimits(text)).toEqual(all.map(([one]) => one.limit))
      }),
    )
  })
})
