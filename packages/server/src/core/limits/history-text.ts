import type { Admission, History, Track } from './history.ts'

// Told apart from a form to come.
const form = '1'
const radix = 36

/**
 * A history as compact text: `1;<last>` and, for each track, `;<count>/<windowMs>/<time>*<count>,<later by>*<count>…`,
 * all but the limit in base 36, `*1` left out.
 */
export function writeHistory({ last, tracks }: History): string {
  return [form, last.toString(radix), ...tracks.map(writeTrack)].join(';')
}

function writeTrack({ limit, admissions }: Track): string {
  let before = 0
  const words = admissions.map(({ at, count }) => {
    const later = (at - before).toString(radix)
    before = at
    return count === 1 ? later : `${later}*${count.toString(radix)}`
  })
  return `${limit.count}/${limit.windowMs}/${words.join(',')}`
}

/** The history that was written; null when the text is none. */
export function readHistory(text: string): History | null {
  const [version, last = '', ...parts] = text.split(';')
  if (version !== form) return null
  const tracks = parts.map(readTrack)
  const known = tracks.filter((track) => track !== null)
  const read = { last: Number.parseInt(last, radix), tracks: known }
  return known.length === tracks.length && Number.isSafeInteger(read.last) ? read : null
}

function readTrack(text: string): Track | null {
  const [count, windowMs, words] = text.split('/')
  const limit = { count: Number(count), windowMs: Number(windowMs) }
  if (!isCount(limit.count) || !isCount(limit.windowMs) || words === undefined) return null
  const admissions: Admission[] = []
  let at = 0
  let used = 0
  for (const word of words === '' ? [] : words.split(',')) {
    const [later = '', many = '1'] = word.split('*')
    const count = Number.parseInt(many, radix)
    at += Number.parseInt(later, radix)
    used += count
    if (!Number.isSafeInteger(at) || !isCount(count)) return null
    admissions.push({ at, count })
  }
  return { limit, admissions, used }
}

const isCount = (value: number) => Number.isSafeInteger(value) && value > 0
