import { CursorInvalid, IndexRequired, type Json, type Query, type Row } from '../ports/tables.ts'
import type { Write } from './tables-buffer.ts'
import {
  type Asked,
  askedOf,
  comparePositions,
  isPlaceOf,
  type Page,
  type Plan,
  type Position,
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
  /** Goes on at a snapshot that a cursor names. Throws `CursorInvalid` when there was none such yet. */
  pin(last: number): Promise<void>
  /** Hears what was read, of which owner, and as of which commit. */
  noted(table: string, tests: readonly FieldTest[], owner: string | null, last: number): void
  /** What waits to be written to a table. */
  writes(table: string): readonly Write[]
  /** The row that a write makes of the one before it. */
  written(write: Write, data: Json, before: Row | null): Promise<Row>
}

/** A row on its way into a page; one of the transaction's own may know its place before it is whole. */
interface Candidate {
  readonly position: Position
  readonly whole: Row | null
  readonly own: { readonly write: Write; readonly data: Json } | null
}

/** Answers a query: what is stored, with the transaction's own writes laid over it. */
export async function runQuery(source: QuerySource, table: string, query: Query) {
  const asked = askedOf(table, query)
  const cursor = query.cursor === undefined ? null : readCursor(query.cursor, asked)
  const plan = await planFor(source, table, asked, cursor?.fields)
  const after = cursor?.after ?? null
  if (cursor !== null) {
    if (!isPlaceOf(plan, cursor.after)) throw new CursorInvalid('the cursor is none of this query')
    await source.pin(cursor.last)
  }
  const writes = source.writes(table)
  const page = { ...plan, after, limit: asked.limit + 1, without: writes.map((write) => write.id) }
  const { last, rows } = await source.page(table, page, cursor?.last ?? null)
  source.noted(table, asked.tests, asked.owner, last)

  const stored = rows.map((row): Candidate => ({ position: positionOf(plan, row), whole: row, own: null }))
  const own = (await ownCandidates(source, table, plan, writes, asked, last)).filter(
    ({ position }) => after === null || comparePositions(position, after, plan.descending) > 0,
  )
  const found = [...stored, ...own].sort((a, b) => comparePositions(a.position, b.position, plan.descending))
  const shown = found.slice(0, asked.limit)
  const answer = await filled(source, table, shown, last)
  const end = shown.at(-1)
  if (found.length <= asked.limit || end === undefined) return { rows: answer }
  const { digest } = asked
  return {
    rows: answer,
    cursor: writeCursor({ digest, last, fields: plan.fields, after: end.position }),
  }
}

/** How to read. A page that follows another keeps to the index of the first, whatever was declared since. */
async function planFor(
  source: QuerySource,
  table: string,
  asked: Asked,
  pinned: readonly string[] | null | undefined,
): Promise<Plan> {
  const usable = ({ fields }: TableIndex) =>
    !fields.some((field) =>
      asked.blind.some((one) => one === field || one.startsWith(`${field}.`) || field.startsWith(`${one}.`)),
    )
  const among = (indexes: readonly TableIndex[]) =>
    indexes.filter(
      (index) =>
        usable(index) && (pinned === undefined || JSON.stringify(index.fields) === JSON.stringify(pinned)),
    )
  const plan =
    planOf(asked, []) ??
    planOf(asked, among(await source.indexes(table, false))) ??
    planOf(asked, among(await source.indexes(table, true)))
  if (plan === null && pinned !== undefined) throw new CursorInvalid('the cursor is none of this query')
  if (plan === null) throw new IndexRequired(`no index of ${table} serves the query`)
  return plan
}

/** The transaction's own writes that a query finds. */
async function ownCandidates(
  source: QuerySource,
  table: string,
  plan: Plan,
  writes: readonly Write[],
  asked: Asked,
  last: number,
): Promise<Candidate[]> {
  const own = writes.flatMap((write) => {
    if (write.text === null) return []
    const data: Json = JSON.parse(write.text)
    return meets(data, asked.tests) ? [{ write, data }] : []
  })
  if (asked.owner === null && !asked.listed) {
    return own.map((one) => {
      const row = { id: one.write.id, data: one.data, order: 0 }
      return { position: positionOf(plan, row), whole: null, own: one }
    })
  }
  // Owner and order are those of the row that is changed.
  const rows = await wholeRows(source, table, own, last)
  return rows.flatMap((row): Candidate[] =>
    asked.owner !== null && row.owner !== asked.owner
      ? []
      : [{ position: positionOf(plan, row), whole: row, own: null }],
  )
}

/** The rows that own writes make: each takes owner and order of the row that it changes. */
async function wholeRows(
  source: QuerySource,
  table: string,
  own: readonly NonNullable<Candidate['own']>[],
  last: number,
): Promise<Row[]> {
  const changed = own.flatMap(({ write }) => (write.fresh ? [] : [write.id]))
  const found = changed.length === 0 ? [] : await source.rows(table, changed, last)
  const before = new Map(found.map((row) => [row.id, row]))
  return Promise.all(own.map(({ write, data }) => source.written(write, data, before.get(write.id) ?? null)))
}

/** The rows of a page, whole. */
async function filled(
  source: QuerySource,
  table: string,
  shown: readonly Candidate[],
  last: number,
): Promise<Row[]> {
  const own = shown.flatMap((one) => one.own ?? [])
  const mine = new Map((await wholeRows(source, table, own, last)).map((row) => [row.id, row]))
  return shown.flatMap(({ position, whole }) => whole ?? mine.get(position.id) ?? [])
}
