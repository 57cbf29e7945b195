import type { Issue } from '@quarterdeck/sdk/errors'

type Path = (string | number)[]

/**
 * What no record or document may hold, whatever its schema: nesting deeper than 64, U+0000, lone surrogates, numbers
 * that are not finite (1e400), a key `__proto__`. The first thing found, or null.
 */
export function checkJson(value: unknown): Issue | null {
  return isPlain(value, 0) ? null : findIssue(value, 0)
}

/** Whether there is certainly nothing to find: nearly all values are so, and no path is gathered on the way. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isPlainText(value)
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth >= 64) return false
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) if (!isPlain(value[index], depth + 1)) return false
    return true
  }
  const members = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(members))
    if (key === '__proto__' || !isPlainText(key) || !isPlain(members[key], depth + 1)) return false
  return true
}

/** Whether a text holds neither U+0000 nor any surrogate; a short one is looked through without calling the engine. */
function isPlainText(text: string): boolean {
  if (text.length > 64) return textIssue(text, []) === null
  for (let index = 0; index < text.length; index += 1) {
    const letter = text.charCodeAt(index)
    if (letter === 0 || (letter & 0xf800) === 0xd800) return false
  }
  return true
}

function findIssue(value: unknown, depth: number): Issue | null {
  if (typeof value === 'string') return textIssue(value, [])
  if (typeof value === 'number') return Number.isFinite(value) ? null : issue([], 'needs a finite number')
  if (typeof value !== 'object' || value === null) return null
  if (depth >= 64) return issue([], 'is nested deeper than 64')
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = findIssue(item, depth + 1)
      if (found !== null) return within(index, found)
    }
    return null
  }
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') return issue([key], 'is not a key that can be used')
    const found = textIssue(key, []) ?? findIssue(member, depth + 1)
    if (found !== null) return within(key, found)
  }
  return null
}

function textIssue(text: string, path: Path): Issue | null {
  if (text.includes('\u0000')) return issue(path, 'holds U+0000')
  return text.isWellFormed() ? null : issue(path, 'holds half of a surrogate pair')
}

const issue = (path: Path, message: string): Issue => ({ path, message })
const within = (key: string | number, found: Issue): Issue => ({ ...found, path: [key, ...found.path] })
