import { createHash } from 'node:crypto'
import { CursorInvalid, DocumentInvalid, type Json, type Query } from '../ports/tables.ts'
import { compareText, fieldKey } from './tables-key.ts'
import type { TableIndex } from './tables-shape.ts'
import { checkField, type FieldTest, testsOf } from './tables-tests.ts'

/** A place in an order of rows: the keys of the fields that order, then the id. */
export interface Position {
  readonly keys: readonly string[]
  readonly id: string
}

/** A query as asked, checked. */
export interface Asked {
  readonly tests: readonly FieldTest[]
  readonly orderBy: string | null
  readonly descending: boolean
  readonly limit: number
  /** Stands for the query in its cursors. */
  readonly digest: string
}

/** How an index serves a query. */
export interface Plan {
  /** The fields of the index; null: rows in the order of their ids. */
  readonly fields: readonly string[] | null
  /** The keys that the first fields of the index equal. */
  readonly equal: readonly string[]
  /** Comparisons of the field behind these. */
  readonly range: readonly FieldTest[]
  /** What the index does not say. */
  readonly rest: readonly FieldTest[]
  /** The fields that order what is found, before the id. */
  readonly ordering: readonly string[]
  readonly descending: boolean
}

/** What an engine is asked for: rows of a snapshot behind a place, some ids left out. */
export interface Page extends Plan {
  readonly after: Position | null
  readonly limit: number
  readonly without: readonly string[]
}

interface Cursor {
  readonly digest: string
  /** The snapshot's last commit. */
  readonly last: number
  readonly fields: readonly string[] | null
  readonly after: Position
}

/** Throws `DocumentInvalid`. */
export function askedOf(table: string, query: Query): Asked {
  const limit = query.limit ?? 100
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new DocumentInvalid('a limit is 1 to 1,000')
  }
  const tests = testsOf(query.where)
  const orderBy = query.orderBy?.field ?? null
  if (orderBy !== null) checkField(orderBy)
  const descending = query.orderBy?.direction === 'desc'
  const said = JSON.stringify([table, tests, orderBy, descending])
  const digest = createHash('sha256').update(said).digest('base64url').slice(0, 16)
  return { tests, orderBy, descending, limit, digest }
}

const isRange = ({ sign }: FieldTest) => sign !== '=' && sign !== '<>'

function planOn(asked: Asked, fields: readonly string[]): Plan | null {
  const { tests, orderBy, descending } = asked
  const equals = new Map(tests.filter(({ sign }) => sign === '=').map((test) => [test.field, test]))
  const open = fields.findIndex((field) => !equals.has(field))
  const led = open === -1 ? fields : fields.slice(0, open)
  const next = fields[led.length]
  const range = tests.filter((test) => test.field === next && isRange(test))
  const served = led.length > 0 || range.length > 0 || (tests.length === 0 && orderBy === fields[0])
  if (!served || (orderBy !== null && orderBy !== next && !led.includes(orderBy))) return null
  const used = new Set<FieldTest | undefined>([...led.map((field) => equals.get(field)), ...range])
  return {
    fields,
    equal: led.map((field) => equals.get(field)?.keys[0] ?? ''),
    range,
    rest: tests.filter((test) => !used.has(test)),
    ordering: fields.slice(led.length),
    descending,
  }
}

/** How the declared indexes serve a query best: most equalities, then a range, then fewest fields. Null: not at all. */
export function planOf(asked: Asked, indexes: readonly TableIndex[]): Plan | null {
  if (asked.tests.length === 0 && asked.orderBy === null) {
    return { fields: null, equal: [], range: [], rest: [], ordering: [], descending: false }
  }
  const worth = (plan: Plan) => plan.equal.length * 2 + Math.min(plan.range.length, 1)
  const textOf = (plan: Plan) => JSON.stringify(plan.fields)
  const plans = indexes.flatMap(({ fields }) => planOn(asked, fields) ?? [])
  const [best] = plans.sort(
    (a, b) =>
      worth(b) - worth(a) || a.ordering.length - b.ordering.length || compareText(textOf(a), textOf(b)),
  )
  return best ?? null
}

/** Where a row stands in the order of a plan. */
export function positionOf(plan: Pick<Plan, 'ordering'>, id: string, data: Json): Position {
  return { keys: plan.ordering.map((field) => fieldKey(data, field)), id }
}

/** Compares two places in the order of a plan. */
export function comparePositions(a: Position, b: Position, descending: boolean): number {
  const sign = descending ? -1 : 1
  for (const [at, key] of a.keys.entries()) {
    const order = compareText(key, b.keys[at] ?? '')
    if (order !== 0) return sign * order
  }
  return sign * compareText(a.id, b.id)
}

/** A cursor as opaque text. */
export function writeCursor({ digest, last, fields, after }: Cursor): string {
  return Buffer.from(JSON.stringify([digest, last, fields, after.keys, after.id])).toString('base64url')
}

const areTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string' && isText(item))
const isText = (text: string) => text.isWellFormed() && !text.includes('\u0000')

/** What a cursor says; carries no authority. Throws `CursorInvalid` when it is none, or of another query. */
export function readCursor(text: string, asked: Asked): Cursor {
  let said: unknown
  try {
    said = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    said = null
  }
  const [digest, last, fields, keys, id] = Array.isArray(said) ? (said as unknown[]) : []
  if (
    digest !== asked.digest ||
    typeof last !== 'number' ||
    !Number.isSafeInteger(last) ||
    last < 0 ||
    !(fields === null || areTexts(fields)) ||
    !areTexts(keys) ||
    typeof id !== 'string' ||
    !isText(id)
  ) {
    throw new CursorInvalid('the cursor is none of this query')
  }
  return { digest, last, fields, after: { keys, id } }
}
