import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admit, type History, nothing, trackOf } from './history.ts'
import { readHistory, writeHistory } from './history-text.ts'

const whole = (max: number) => fc.integer({ min: 1, max })
const limit = fc.record({ count: whole(1_000_000_000), windowMs: whole(3_110_400_000_000) })
const told = fc.array(fc.record({ later: whole(100_000_000), cost: whole(5_000) }), { maxLength: 50 })

/** A history as it comes about; what is older than a window is gone from its track. */
const history = fc.record({ limits: fc.array(limit, { maxLength: 4 }), told }).map(({ limits, told }) => {
  let made: History = { last: 1_700_000_000_000, tracks: [] }
  for (const { later, cost } of told) {
    const last = made.last + later
    const tracks = limits.map((limit) => admit(trackOf(made, limit, last), cost, last, 'moving-window'))
    made = { last, tracks }
  }
  return made
})
describe('the text of a history', () => {
  it('reads back as what was written', () => {
    fc.assert(
      fc.property(history, (one) => {
        expect(readHistory(writeHistory(one))).toEqual(one)
      }),
    )
    expect(readHistory(writeHistory(nothing))).toEqual(nothing)
  })

  it('takes four letters or so for an admission', () => {
    const at = 1_700_000_000_000
    const admissions = Array.from({ length: 1_000 }, (_, n) => ({ at: at + n * 3_600, count: 1 }))
    const limit = { count: 1_000, windowMs: 3_600_000 }
    const text = writeHistory({ last: at, tracks: [{ limit, admissions, used: 1_000 }] })
    expect(text.length).toBeLessThan(4_100)
  })

  it.each([
    '',
    '2;0',
    '1',
    '1;',
    '1;z;10',
    '1;z;10/60000',
    '1;z;0/60000/a',
    '1;z;10/60000/a*0',
    '1;z;10/60000/,',
    '{}',
  ])('is none in %j', (text) => expect(readHistory(text)).toBeNull())
})
