import { isObject } from '../../parts/fields.ts'
import type { FieldType } from './table-fields.ts'

export const operators = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'prefix'] as const
export type Operator = (typeof operators)[number]

/** One thing that must hold of a field. */
export interface Condition {
  readonly field: string
  readonly operator: Operator
  readonly value: unknown
}

/** How operators are said on the page. */
export const said: Readonly<Record<Operator, string>> = {
  eq: '=',
  ne: '≠',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  in: 'is one of',
  prefix: 'begins with',
}

/** The conditions that a `where` of the API says; null: it is none. */
export function parseWhere(where: string | undefined): Condition[] | null {
  if (where === undefined) return []
  try {
    const given: unknown = JSON.parse(where)
    if (!isObject(given)) return null
    return Object.entries(given).flatMap(([field, asked]) => {
      if (!isObject(asked)) return [{ field, operator: 'eq' as const, value: asked }]
      return Object.entries(asked).map(([name, value]) => {
        const operator = operators.find((each) => each === name)
        if (operator === undefined) throw new TypeError(`${name} is no operator`)
        return { field, operator, value }
      })
    })
  } catch {
    return null
  }
}

/** The `where` that says conditions; undefined for none. A later one on the same field and operator replaces. */
export function formatWhere(conditions: readonly Condition[]): string | undefined {
  if (conditions.length === 0) return undefined
  const byField = new Map<string, Record<string, unknown>>()
  for (const { field, operator, value } of conditions) {
    byField.set(field, { ...byField.get(field), [operator]: value })
  }
  const where = [...byField].map(([field, asked]) => {
    const [[only, value] = [], ...others] = Object.entries(asked)
    return [field, only === 'eq' && others.length === 0 ? value : asked]
  })
  return JSON.stringify(Object.fromEntries(where))
}

/** The value that was typed for a field; undefined: it is none of its type. `null` is said by that word, text by quotes if need be. */
export function readValue(typed: string, type: FieldType, operator: Operator): unknown {
  if (operator !== 'in') return readOne(typed, type, operator)
  const all = typed.split(',').map((each) => readOne(each.trim(), type, operator))
  return all.includes(undefined) ? undefined : all
}

function readOne(typed: string, type: FieldType, operator: Operator): unknown {
  if (operator === 'prefix') return typed
  if (typed.trim() === 'null') return null
  if (type === 'number') {
    const value = Number(typed)
    return typed.trim() === '' || !Number.isFinite(value) ? undefined : value
  }
  if (type === 'boolean') return { true: true, false: false }[typed.trim()]
  if (type === 'text' && !/^".*"$/.test(typed)) return typed
  return parsedOr(typed)
}

/** A scalar written as JSON, else the text itself. */
function parsedOr(typed: string): unknown {
  try {
    const value: unknown = JSON.parse(typed)
    return typeof value === 'object' && value !== null ? typed : value
  } catch {
    return typed
  }
}
