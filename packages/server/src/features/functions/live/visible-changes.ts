import { canonical } from '@quarterdeck/sdk/digest'
import { withoutFields } from '../rights/field-masks.ts'
import type { Doc } from '../tables/documents.ts'
import type { ShownPair, ShownRow } from './shown-rows.ts'

/** What a reader sees of a table. */
export interface TableView {
  readonly table: string
  /** Only this owner's rows exist; null: all do. */
  readonly owner: string | null
  /** The paths of fields that are not shown. */
  readonly hidden: readonly string[]
}

/** A change as one reader is told of it; a document that the schema of today cannot read is left out. */
export interface VisibleChange {
  readonly table: string
  readonly type: 'insert' | 'update' | 'delete'
  readonly id: string
  readonly data?: Doc
  readonly oldData?: Doc
}

/**
 * What a commit did to the rows that a reader sees. A row that comes into sight is an insert, one that leaves it a delete,
 * and a change of nothing but hidden fields is none.
 */
export function visibleChanges(
  { table, owner, hidden }: TableView,
  pairs: readonly ShownPair[],
): VisibleChange[] {
  const isSeen = (row: ShownRow | null): row is ShownRow =>
    row !== null && (owner === null || row.owner === owner)
  const docOf = (row: ShownRow) => row.doc && withoutFields(row.doc, hidden)

  return pairs.flatMap(({ id, before, after }): VisibleChange[] => {
    const was = isSeen(before)
    const is = isSeen(after)
    if (!was && !is) return []
    const oldData = was ? docOf(before) : null
    const data = is ? docOf(after) : null
    if (was && is && hidden.length > 0 && canonical(data) === canonical(oldData)) return []
    return [
      {
        table,
        type: !was ? 'insert' : is ? 'update' : 'delete',
        id,
        ...(data === null ? {} : { data }),
        ...(oldData === null ? {} : { oldData }),
      },
    ]
  })
}
