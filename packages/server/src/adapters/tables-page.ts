import { createHash } from 'node:crypto'
import { CursorInvalid, DocumentInvalid, type Query, type Row } from '../ports/tables.ts'
import { checkStorable } from './tables-document.ts'
import { compareText, fieldKey } from './tables-key.ts'
import type { TableIndex } from './tables-shape.ts'
import { checkField, type FieldTest, testsOf } from './tables-tests.ts'

/** A place in an order of rows: the keys of the fields that order, or that of the row's own order; then the id. */
export interface Position {
  readonly keys: readonly string[]
  readonly id: string
}

/** A query as asked, checked. */
export interface Asked {
  readonly tests: readonly FieldTest[]
  readonly owner: string | null
  /** In insertion order. */
  readonly listed: boolean
  readonly orderBy: string | null
  readonly descending: boolean
  /** Fields whose indexes do not serve. */
  readonly blind: readonly string[]
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
  /** The rows' own order orders them instead. */
  readonly listed: boolean
  /** Rows of this owner alone; null: of all. */
  readonly owner: string | null
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

/** The field that orders; null: none is named. Functions may be called with anything. Throws `DocumentInvalid`. */
function orderOf(orderBy: Query['orderBy']): string | null {
  if (orderBy === undefined) return null
  const { field, direction = 'asc' }: Partial<typeof orderBy> = orderBy ?? {}
  if (field === undefined || !['asc', 'desc'].includes(direction))
    throw new DocumentInvalid('an order is a field, and asc or desc')
  checkField(field)
  return field
}

/** Throws `DocumentInvalid`. */
export function askedOf(table: string, query: Query): Asked {
  const limit = query.limit ?? 100
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new DocumentInvalid('a limit is 1 to 1,000')
  }
  const tests = testsOf(query.where)
  const orderBy = orderOf(query.orderBy)
  const listed = query.listed !== undefined
  if (listed && (tests.length > 0 || orderBy !== null)) {
    throw new DocumentInvalid('in insertion order neither conditions nor another order are given')
  }
  if (listed && query.listed !== 'asc' && query.listed !== 'desc') {
    throw new DocumentInvalid('insertion order is asc or desc')
  }
  const owner = query.owner ?? null
  if (owner !== null) checkStorable(owner, 'an owner')
  const descending = (listed ? query.listed : query.orderBy?.direction) === 'desc'
  // What is of all owners and not listed is said as it was before there was either: its cursors go on.
  const more = listed || owner !== null ? [owner, listed] : []
  const said = JSON.stringify([table, tests, orderBy, descending, ...more])
  const digest = createHash('sha256').update(said).digest('base64url').slice(0, 16)
  return { tests, owner, listed, orderBy, descending, blind: query.blind ?? [], limit, digest }
}

const isRange = ({ sign }: FieldTest) => sign !== '=' && sign !== '<>'

function planOn(asked: Asked, fields: readonly string[]): Plan | null {
  const { tests, orderBy, descending, owner } = asked
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
    listed: false,
    owner,
    descending,
  }
}

/** How the declared indexes serve a query best: most equalities, then a range, then fewest fields. Null: not at all. */
export function planOf(asked: Asked, indexes: readonly TableIndex[]): Plan | null {
  if (asked.tests.length === 0 && asked.orderBy === null) {
    const { owner, listed, descending } = asked
    return { fields: null, equal: [], range: [], rest: [], ordering: [], listed, owner, descending }
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

// As many digits as the greatest order has, so that texts sort as numbers do.
const orderDigits = 16

/** Where a row stands in the order of a plan. */
export function positionOf(
  plan: Pick<Plan, 'ordering' | 'listed'>,
  { id, data, order }: Pick<Row, 'id' | 'data' | 'order'>,
): Position {
  if (plan.listed) return { keys: [String(order).padStart(orderDigits, '0')], id }
  return { keys: plan.ordering.map((field) => fieldKey(data, field)), id }
}

/** Whether a place is one in the order of a plan. */
export function isPlaceOf(plan: Pick<Plan, 'ordering' | 'listed'>, { keys }: Position): boolean {
  if (plan.listed) return keys.length === 1 && new RegExp(`^\\d{${orderDigits}}$`).test(keys[0] ?? '')
  return keys.length === plan.ordering.length
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
