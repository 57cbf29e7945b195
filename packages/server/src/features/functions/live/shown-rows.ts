import type { TableDefinition } from '@quarterdeck/sdk/functions/table'
import type { Row } from '../../../ports/tables.ts'
import { toJson } from '../calls/to-json.ts'
import { type Doc, rowShown, withoutId } from '../tables/documents.ts'
import type { RowPair } from './row-pairs.ts'

/** A row before anything is hidden from anybody. */
export interface ShownRow {
  readonly owner: string
  /** As the schema of today reads it, as JSON; null where it cannot. */
  readonly doc: Doc | null
}

/** A row that a commit touched, as it may be shown before and after it. */
export interface ShownPair {
  readonly id: string
  readonly before: ShownRow | null
  readonly after: ShownRow | null
}

const shown = new WeakMap<Row, Promise<ShownRow>>()

/** Reads rows by the schema of their table: defaults are in, and what it does not name any more is out, once for all readers. */
export function shownPairs(table: TableDefinition, pairs: readonly RowPair[]): Promise<ShownPair[]> {
  return Promise.all(
    pairs.map(async ({ id, before, after }) => ({
      id,
      before: before && (await shownRow(table, before)),
      after: after && (await shownRow(table, after)),
    })),
  )
}

function shownRow(table: TableDefinition, row: Row): Promise<ShownRow> {
  let made = shown.get(row)
  if (made === undefined) {
    made = docOf(table, row).then((doc) => ({ owner: row.owner, doc }))
    shown.set(row, made)
  }
  return made
}

async function docOf(table: TableDefinition, row: Row): Promise<Doc | null> {
  try {
    return toJson(withoutId(await rowShown(table, row, []))) as Doc
  } catch {
    return null
  }
}
