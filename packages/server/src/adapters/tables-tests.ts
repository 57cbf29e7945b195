import { type Condition, DocumentInvalid, type Json, type Query, type Scalar } from '../ports/tables.ts'
import { prefixEnd } from './keep-input.ts'
import { checkStorable } from './tables-document.ts'
import { compareText, fieldKey, keyOf } from './tables-key.ts'

export type TestSign = '=' | '<>' | '>' | '>=' | '<' | '<=' | 'in'

/** One comparison of a field with a key; `in` has any number of keys, the others one. */
export interface FieldTest {
  readonly field: string
  readonly sign: TestSign
  readonly keys: readonly string[]
}

const maxIn = 100
const signs = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

/** Throws `DocumentInvalid` unless it is a path of keys parted by dots, of at most 200 characters. */
export function checkField(field: string): void {
  if (typeof field !== 'string' || field.length > 200 || field.split('.').includes('')) {
    throw new DocumentInvalid('a field is a path of keys parted by dots')
  }
  checkStorable(field, 'a field')
}

function scalarKey(value: unknown): string {
  if (typeof value === 'string') checkStorable(value, 'a condition')
  else if (
    typeof value === 'number' ? !Number.isFinite(value) : value !== null && typeof value !== 'boolean'
  ) {
    throw new DocumentInvalid('a field can be compared with null, true, false, a number or a text')
  }
  return keyOf(value)
}

function conditionTests(field: string, condition: Condition): FieldTest[] {
  return Object.entries(condition).flatMap(([word, value]): FieldTest[] => {
    if (value === undefined) return []
    if (word === 'in') {
      if (!Array.isArray(value) || value.length > maxIn) {
        throw new DocumentInvalid(`in is a list of at most ${maxIn}`)
      }
      return [{ field, sign: 'in', keys: [...new Set(value.map(scalarKey))].sort(compareText) }]
    }
    if (word === 'prefix') {
      if (typeof value !== 'string') throw new DocumentInvalid('a prefix is a text')
      const from = scalarKey(value)
      return [
        { field, sign: '>=', keys: [from] },
        { field, sign: '<', keys: [prefixEnd(from) ?? from] },
      ]
    }
    if (!Object.hasOwn(signs, word)) throw new DocumentInvalid('a condition has no such word')
    return [{ field, sign: signs[word as keyof typeof signs], keys: [scalarKey(value)] }]
  })
}

/** The conditions of a query as comparisons of keys, in an order that does not hang on how it was written. */
export function testsOf(where: Query['where']): readonly FieldTest[] {
  const isBare = (condition: Scalar | Condition): condition is Scalar =>
    condition === null || typeof condition !== 'object'
  if (where !== undefined && (typeof where !== 'object' || where === null || Array.isArray(where)))
    throw new DocumentInvalid('conditions are an object of them by field')
  const tests = Object.entries(where ?? {}).flatMap(([field, condition]) => {
    checkField(field)
    if (isBare(condition)) return [{ field, sign: '=' as const, keys: [scalarKey(condition)] }]
    const found = conditionTests(field, condition)
    if (found.length === 0) throw new DocumentInvalid('a condition compares with something')
    return found
  })
  const textOf = ({ field, sign, keys }: FieldTest) => JSON.stringify([field, sign, keys])
  return tests.sort((a, b) => compareText(textOf(a), textOf(b)))
}

function meetsOne(key: string, { sign, keys }: FieldTest): boolean {
  if (sign === 'in') return keys.includes(key)
  const order = compareText(key, keys[0] ?? '')
  if (sign === '=') return order === 0
  if (sign === '<>') return order !== 0
  if (sign === '>') return order > 0
  if (sign === '>=') return order >= 0
  return sign === '<' ? order < 0 : order <= 0
}

/** Whether a document meets all of them. */
export function meets(data: Json, tests: readonly FieldTest[]): boolean {
  return tests.every((test) => meetsOne(fieldKey(data, test.field), test))
}
