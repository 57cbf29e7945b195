import type { Issue } from '@quarterdeck/sdk/errors'
import { z } from 'zod'
import { restoreOf } from './restore.ts'

export type Parsed = { readonly value: unknown } | { readonly issues: readonly Issue[] }

/** Holds a value against a schema; a promise only where the schema has to wait for something. */
export type Parser = (value: unknown) => Parsed | Promise<Parsed>

const maxIssues = 20

function parsedOf(result: z.ZodSafeParseResult<unknown>): Parsed {
  if (result.success) return { value: result.data }
  return {
    issues: result.error.issues.slice(0, maxIssues).map(({ path, message }) => ({
      path: path.map((part) => (typeof part === 'number' ? part : String(part))),
      message,
    })),
  }
}

/** Makes the parser of a schema, once: what JSON took from values is given back before they are looked at. */
export function parserOf(schema: z.ZodType): Parser {
  const restore = restoreOf(schema)
  let waits = false
  return (given) => {
    const value = restore === null ? given : restore(given)
    if (!waits) {
      try {
        return parsedOf(schema.safeParse(value))
      } catch (error) {
        if (!(error instanceof z.core.$ZodAsyncError)) throw error
        waits = true
      }
    }
    return schema.safeParseAsync(value).then(parsedOf)
  }
}
