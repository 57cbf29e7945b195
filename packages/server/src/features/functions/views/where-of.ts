import { fault } from '@quarterdeck/sdk/errors'
import { z } from 'zod'
import { checkJson } from '../../../core/check-json.ts'
import { parse } from '../../../core/perform.ts'
import type { Query } from '../../../ports/tables.ts'

const Scalar = z.union([z.null(), z.boolean(), z.number(), z.string()])
const Condition = z.strictObject({
  eq: Scalar.optional(),
  ne: Scalar.optional(),
  gt: Scalar.optional(),
  gte: Scalar.optional(),
  lt: Scalar.optional(),
  lte: Scalar.optional(),
  in: z.array(Scalar).min(1).max(100).optional(),
  prefix: z.string().optional(),
})
const Field = z.string().min(1).max(200)
const Where = z.record(Field, z.union([Scalar, Condition]))

/** The conditions that a text of JSON says: by field, a value or comparisons. Anything else is `invalid`. */
export function whereOf(text: string | undefined): NonNullable<Query['where']> {
  if (text === undefined) return {}
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw invalid('where', 'is not JSON')
  }
  // A key that no document may have would be lost on the way.
  if (checkJson(given) !== null) throw invalid('where', 'holds what no document may hold')
  try {
    return definedOf(parse(Where, given))
  } catch {
    throw invalid('where', 'needs conditions by field, such as {"state":"open","title":{"gte":"a"}}')
  }
}

/** Without members that are undefined, which the port does not know. */
function definedOf(where: z.output<typeof Where>): NonNullable<Query['where']> {
  return JSON.parse(JSON.stringify(where))
}

/** The order that `field` or `field:desc` says. */
export function orderOf(text: string | undefined): Query['orderBy'] {
  if (text === undefined) return undefined
  const [, field, direction] = /^(.{1,200}?)(?::(asc|desc))?$/s.exec(text) ?? []
  if (field === undefined || (direction === undefined && field.includes(':')))
    throw invalid('orderBy', 'needs a field, with :desc for descending')
  return direction === 'desc' ? { field, direction } : { field }
}

function invalid(path: string, message: string) {
  return fault('invalid', undefined, { issues: [{ path: [path], message }] })
}
