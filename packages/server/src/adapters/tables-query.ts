import { CursorInvalid, IndexRequired, type Json, type Query, type Row } from '../ports/tables.ts'
import type { Write } from './tables-buffer.ts'
import {
  type Asked,
  askedOf,
  comparePositions,
  type Page,
  type Plan,
  planOf,
  positionOf,
  readCursor,
  writeCursor,
} from './tables-page.ts'
import type { TableIndex } from './tables-shape.ts'
import { type FieldTest, meets } from './tables-tests.ts'

/** What a transaction lets its queries use. */
export interface QuerySource {
  indexes(table: string, anew: boolean): Promise<readonly TableIndex[]>
  /** Rows of the transaction's snapshot (which it fixes), or of the one given. Answers the snapshot's last commit. */
  page(table: string, page: Page, last: number | null): Promise<{ last: number; rows: readonly Row[] }>
  rows(table: string, ids: readonly string[], last: number): Promise<readonly Row[]>
  /** Goes on at a snapshot that a cursor names; false when there was none such yet. */
  pin(last: number): Promise<boolean>
  /** Hears what was read, and as of which commit. */
  noted(table: string, tests: readonly FieldTest[], last: number): void
  /** What waits to be written to a table. */
  writes(table: string): readonly Write[]
  /** The row that a write makes of the one before it. */
  written(write: Write, data: Json, before: Row | null): Promise<Row>
}

/** A row on its way into a page; `write` where it is one of the transaction's own. */
interface Candidate {
  readonly row: Pick<Row, 'id' | 'data'>
  readonly write: Write | null
}

/** Answers a query: what is stored, with the transaction's own writes laid over it. */
export async function runQuery(source: QuerySource, table: string, query: Query) {
  const asked = askedOf(table, query)
  const cursor = query.cursor === undefined ? null : readCursor(query.cursor, asked)
  const plan = await planFor(source, table, asked, cursor?.fields)
  const after = cursor?.after ?? null
  if (cursor !== null) {
    if (after?.keys.length !== plan.ordering.length)
      throw new CursorInvalid('the cursor is none of this query')
    if (!(await source.pin(cursor.last))) throw new CursorInvalid('the cursor is of no snapshot there is')
  }
  const writes = source.writes(table)
  const page = { ...plan, after, limit: asked.limit + 1, without: writes.map((write) => write.id) }
  const { last, rows } = await source.page(table, page, cursor?.last ?? null)
  source.noted(table, asked.tests, last)

  const order = (a: Candidate, b: Candidate) =>
    comparePositions(placeOf(plan, a), placeOf(plan, b), plan.descending)
  const own = ownCandidates(writes, asked).filter(
    (one) => after === null || comparePositions(placeOf(plan, one), after, plan.descending) > 0,
  )
  const found = [...rows.map((row): Candidate => ({ row, write: null })), ...own].sort(order)
  const shown = found.slice(0, asked.limit)
  const answer = await filled(source, table, shown, new Map(rows.map((row) => [row.id, row])), last)
  const end = shown.at(-1)
  if (found.length <= asked.limit || end === undefined) return { rows: answer }
  const { digest } = asked
  return {
    rows: answer,
    cursor: writeCursor({ digest, last, fields: plan.fields, after: placeOf(plan, end) }),
  }
}

const placeOf = (plan: Plan, { row }: Candidate) => positionOf(plan, row.id, row.data)

/** How to read. A page that follows another keeps to the index of the first, whatever was declared since. */
async function planFor(
  source: QuerySource,
  table: string,
  asked: Asked,
  pinned: readonly string[] | null | undefined,
): Promise<Plan> {
  const among = (indexes: readonly TableIndex[]) =>
    pinned === undefined || pinned === null
      ? indexes
      : indexes.filter(({ fields }) => JSON.stringify(fields) === JSON.stringify(pinned))
  const plan =
    planOf(asked, []) ??
    planOf(asked, among(await source.indexes(table, false))) ??
    planOf(asked, among(await source.indexes(table, true)))
  if (plan === null && pinned !== undefined) throw new CursorInvalid('the cursor is none of this query')
  if (plan === null) throw new IndexRequired(`no index of ${table} serves the query`)
  return plan
}

function ownCandidates(writes: readonly Write[], asked: Asked): Candidate[] {
  return writes.flatMap((write) => {
    if (write.text === null) return []
    const data: Json = JSON.parse(write.text)
    return meets(data, asked.tests) ? [{ row: { id: write.id, data }, write }] : []
  })
}

/** The rows of a page: own writes take owner and order of the row that they change. */
async function filled(
  source: QuerySource,
  table: string,
  shown: readonly Candidate[],
  stored: ReadonlyMap<string, Row>,
  last: number,
): Promise<Row[]> {
  const changed = shown.flatMap(({ write }) => (write === null || write.fresh ? [] : [write.id]))
  const found = changed.length === 0 ? [] : await source.rows(table, changed, last)
  const before = new Map(found.map((row) => [row.id, row]))
  const rows: Row[] = []
  for (const { row, write } of shown) {
    const whole =
      write === null ? stored.get(row.id) : await source.written(write, row.data, before.get(row.id) ?? null)
    if (whole !== undefined) rows.push(whole)
  }
  return rows
}
