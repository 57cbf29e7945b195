import { fault, type Issue } from '@quarterdeck/sdk/errors'
import type { Parser } from './parser.ts'

/** Arguments as a function takes them. Throws `invalid` with a path that begins with the place of what is wrong. */
export function parseArguments(
  parsers: readonly Parser[],
  given: readonly unknown[],
): readonly unknown[] | Promise<readonly unknown[]> {
  if (given.length > parsers.length)
    throw invalid([{ path: [parsers.length], message: `takes ${parsers.length} arguments at most` }])
  const parsed = parsers.map((parse, at) => parse(given[at]))
  return parsed.some((one) => one instanceof Promise)
    ? Promise.all(parsed).then(valuesOf)
    : valuesOf(parsed as Exclude<(typeof parsed)[number], Promise<unknown>>[])
}

function valuesOf(parsed: readonly Exclude<ReturnType<Parser>, Promise<unknown>>[]): readonly unknown[] {
  const issues = parsed.flatMap((one, at) =>
    'issues' in one ? one.issues.map(({ path, message }): Issue => ({ path: [at, ...path], message })) : [],
  )
  if (issues.length > 0) throw invalid(issues)
  return parsed.map((one) => ('value' in one ? one.value : undefined))
}

const invalid = (issues: readonly Issue[]) => fault('invalid', undefined, { issues })
