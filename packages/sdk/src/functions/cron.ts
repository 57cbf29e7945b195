/** When a function runs by itself: five fields, in UTC. */
export interface Cron {
  /** Whether it is due in the minute that holds this instant (Unix ms). */
  isDue(at: number): boolean
}

interface Field {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly names?: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const fields = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, names: months },
  { name: 'day of week', from: 0, to: 7, names: weekdays },
] as const satisfies readonly Field[]

const longestMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * Reads a schedule: minute, hour, day of month, month, day of week, each `*`, numbers, ranges, lists and steps, months and
 * weekdays by the first three letters of their names too; 0 and 7 are Sunday. With a day of month and a day of week, one
 * of them is enough. Throws `TypeError` for what is none, and for days that there are not.
 */
export function parseCron(text: string): Cron {
  const parts = text.trim().split(/\s+/)
  if (parts.length !== fields.length)
    throw new TypeError(`'${text}' is no schedule: it needs five fields, minute hour day month weekday`)
  const [minutes, hours, days, inMonths, onWeekdays] = fields.map((field, at) =>
    valuesOf(field, parts[at] ?? ''),
  ) as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>]
  if (onWeekdays.has(7)) onWeekdays.add(0)
  const anyDay = (parts[2] ?? '').startsWith('*')
  const anyWeekday = (parts[4] ?? '').startsWith('*')
  const dayExists = [...inMonths].some((month) =>
    [...days].some((day) => day <= (longestMonth[month - 1] ?? 0)),
  )
  if (anyWeekday && !dayExists) throw new TypeError(`'${text}' is never: no such month has that day`)
  return {
    isDue(at) {
      const date = new Date(at)
      if (!minutes.has(date.getUTCMinutes()) || !hours.has(date.getUTCHours())) return false
      if (!inMonths.has(date.getUTCMonth() + 1)) return false
      const onDay = days.has(date.getUTCDate())
      const onWeekday = onWeekdays.has(date.getUTCDay())
      return anyDay || anyWeekday ? onDay && onWeekday : onDay || onWeekday
    },
  }
}

function valuesOf(field: Field, text: string): Set<number> {
  const values = new Set<number>()
  for (const item of text.split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(\d{1,4}))?$/.exec(item) ?? []
    const every = step === undefined ? 1 : Number(step)
    const [first, last] = rangeOf(field, range, step !== undefined)
    if (every < 1) throw refused(field, item)
    for (let value = first; value <= last; value += every) values.add(value)
  }
  return values
}

/** First and last value of an item without its step; a single number with a step goes on to the end. */
function rangeOf(field: Field, text: string, stepped: boolean): [number, number] {
  // A week ends with Saturday; 7 is Sunday where it is written.
  const end = field.name === 'day of week' ? 6 : field.to
  if (text === '*') return [field.from, end]
  const [from = '', to, ...more] = text.split('-')
  const first = numberOf(field, from)
  let last = to === undefined ? (stepped ? end : first) : numberOf(field, to)
  // A week may end with Sunday: fri-sun.
  if (to !== undefined && last === 0 && field.to === 7) last = first === 0 ? 0 : 7
  if (first === null || last === null || more.length > 0 || last < first) throw refused(field, text)
  return [first, last]
}

function numberOf({ from, to, names }: Field, text: string): number | null {
  const named = names?.indexOf(text.toLowerCase()) ?? -1
  if (named >= 0) return named + from
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return value >= from && value <= to ? value : null
}

function refused(field: Field, text: string) {
  return new TypeError(`'${text}' is no ${field.name} of a schedule (${field.from} to ${field.to})`)
}
