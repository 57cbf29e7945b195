import type { Issue } from '@quarterdeck/sdk/errors'

type Path = (string | number)[]

/**
 * What no record or document may hold, whatever its schema: nesting deeper than 64, U+0000, lone surrogates, numbers
 * that are not finite (1e400), a key `__proto__`. The first thing found, or null.
 */
export function checkJson(value: unknown, depth = 0): Issue | null {
  if (typeof value === 'string') return textIssue(value, [])
  if (typeof value === 'number') return Number.isFinite(value) ? null : issue([], 'needs a finite number')
  if (typeof value !== 'object' || value === null) return null
  if (depth >= 64) return issue([], 'is nested deeper than 64')
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = checkJson(item, depth + 1)
      if (found !== null) return within(index, found)
    }
    return null
  }
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') return issue([key], 'is not a key that can be used')
    const found = textIssue(key, []) ?? checkJson(member, depth + 1)
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
