/** A limit as it is written: so many in any window of `windowMs` milliseconds. */
export interface LimitText {
  readonly count: number
  readonly windowMs: number
}

const day = 86_400_000
const unitMs = new Map([
  ['second', 1_000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', day],
  ['month', 30 * day],
  ['year', 12 * 30 * day],
])
const units = 'second, minute, hour, day, month or year'
const example = 'write limits like "10 per minute" or "100/hour; 1000 per 2 days"'
// More than any engine or header can carry is a slip of the pen.
const mostCount = 1_000_000_000
const mostWindowMs = 100 * 12 * 30 * day

/**
 * Limits such as `10 per minute` or `10/minute;100/hour, 1000/day | 3 per 2 hours`, in any case, spaces free; a month is
 * 30 days, a year 12 of them. Throws an Error that names what is wrong.
 */
export function parseLimits(text: string): LimitText[] {
  if (text.trim() === '') throw new Error(`there is no limit; ${example}`)
  return text.split(/[;,|]/).map((part) => parseLimit(part.trim()))
}

function parseLimit(part: string): LimitText {
  if (part === '') throw new Error(`a limit is missing beside a separator; ${example}`)
  const wrong = (why: string) => new Error(`"${part}" is no limit: ${why}`)
  if (part.startsWith('-')) throw wrong('the count must be at least 1')
  const form = /^(\d+)\s*(?:\/|per)\s*(-?\d*)\s*(\p{L}*)$/iu.exec(part)
  if (form === null) throw wrong(example)
  const [, countText = '', timesText = '', word = ''] = form
  const unit = unitMs.get(word.toLowerCase().replace(/s$/, ''))
  if (unit === undefined) throw wrong(word === '' ? `it needs a unit: ${units}` : `the unit must be ${units}`)
  const count = Number(countText)
  if (count < 1) throw wrong('the count must be at least 1')
  if (count > mostCount) throw wrong(`the count can be at most ${mostCount}`)
  const times = timesText === '' ? 1 : Number(timesText)
  if (times < 1) throw wrong(`the number of ${word} must be at least 1`)
  if (times * unit > mostWindowMs) throw wrong('the window can be at most 100 years')
  return { count, windowMs: times * unit }
}
