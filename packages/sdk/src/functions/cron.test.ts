import { describe, expect, it } from 'vitest'
import { parseCron } from './cron.ts'

const due = (cron: string, at: string) => parseCron(cron).isDue(Date.parse(at))

describe('a schedule', () => {
  it('is due in every minute of five stars, and in all of that minute', () => {
    const at = Date.parse('2026-11-21T11:22:00Z')
    for (const later of [0, 1, 59_999, 60_000]) expect(parseCron('* * * * *').isDue(at + later)).toBe(true)
    expect(due('22 * * * *', '2026-11-21T11:22:59.999Z')).toBe(true)
    expect(due('22 * * * *', '2026-11-21T11:23:00Z')).toBe(false)
  })

  it.each([
    ['5,7 3 * * *', '2026-11-21T03:07:00Z', '2026-11-21T03:06:00Z'],
    ['10-12 * * * *', '2026-11-21T11:12:00Z', '2026-11-21T11:13:00Z'],
    ['*/15 * * * *', '2026-11-21T11:45:00Z', '2026-11-21T11:50:00Z'],
    ['10-40/10 * * * *', '2026-11-21T11:40:00Z', '2026-11-21T11:50:00Z'],
    ['50/5 * * * *', '2026-11-21T11:55:00Z', '2026-11-21T11:05:00Z'],
    ['0 0 1 JAN *', '2027-01-01T00:00:00Z', '2027-02-01T00:00:00Z'],
    ['0 0 * nov-dec *', '2026-12-03T00:00:00Z', '2026-10-03T00:00:00Z'],
    ['0 9 * * mon-fri', '2026-11-20T09:00:00Z', '2026-11-21T09:00:00Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00Z', '2027-03-01T00:00:00Z'],
    ['  0   0 * *  sat,mon ', '2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z'],
  ])('%s is due at %s and not at %s', (cron, at, notAt) => {
    expect(due(cron, at)).toBe(true)
    expect(due(cron, notAt)).toBe(false)
  })

  it('has Sunday as 0, 7 and sun, at the end of a range too', () => {
    for (const sunday of ['0', '7', 'sun', '6-7', 'SUN-mon', 'fri-sun', 'sun-sun'])
      expect(due(`0 0 * * ${sunday}`, '2026-11-22T00:00:00Z'), sunday).toBe(true)
    for (const other of ['1-6', '*/7,1'])
      expect(due(`0 0 * * ${other}`, '2026-11-24T00:00:00Z')).toBe(other === '1-6')
  })

  it('takes a day of month or a day of week where both are said, and both where one is a star', () => {
    const thirteenth = '2026-11-13T00:00:00Z'
    const monday = '2026-11-16T00:00:00Z'
    const neither = '2026-11-17T00:00:00Z'
    for (const at of [thirteenth, monday]) expect(due('0 0 13 * mon', at)).toBe(true)
    expect(due('0 0 13 * mon', neither)).toBe(false)
    expect(due('0 0 * * mon', thirteenth)).toBe(false)
    expect(due('0 0 13 * *', monday)).toBe(false)
    expect(due('0 0 */2 * mon', monday)).toBe(false)
  })

  it('is UTC wherever it runs', () => {
    expect(due('30 23 31 12 *', '2026-12-31T18:30:00-05:00')).toBe(true)
  })

  it.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * 32 * *',
    '* * * 13 *',
    '* * * 0 *',
    '* * * * 8',
    '* * * * someday',
    '*/0 * * * *',
    '5-1 * * * *',
    '1-2-3 * * * *',
    ', * * * *',
    '1, * * * *',
    '-1 * * * *',
    '1.5 * * * *',
    '1//2 * * * *',
    'mon * * * *',
    '@daily',
    '0 0 30 2 *',
    '0 0 31 4,6,9,11 *',
  ])("refuses '%s'", (cron) => {
    expect(() => parseCron(cron)).toThrow(TypeError)
  })

  it('takes a day that some month lacks, where a weekday is enough too', () => {
    expect(due('0 0 30 2 mon', '2027-02-01T00:00:00Z')).toBe(true)
  })
})
