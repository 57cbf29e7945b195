/** A row as the reading statements answer it; all null but `last` when there is none. */
export interface RowLine {
  readonly last: string
  readonly id: string | null
  readonly data: unknown
  readonly _txid: string
  readonly _owner: string
  readonly _order: string
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

// A commit moves rows from the main table to the history, so both are read by one statement. Of the history only the
// newest version up to the snapshot can be the one: intervals of versions do not overlap.
function visible(ptr: string, last: string): string {
  const columns = 'id, data, _txid, _deleted_txid, _owner, _order'
  return `select id, data, _txid, _owner, _order from (
    select ${columns} from ${quoted(ptr)} where id = $2 and _txid <= ${last}
    union all
    (select ${columns} from ${quoted(`${ptr}_h`)} where id = $2 and _txid <= ${last} order by _txid desc limit 1)
  ) version where _deleted_txid is null or _deleted_txid > ${last}`
}

const lastOf = 'coalesce((select last from heads where owner = $1), 0)'

/** $1 tenant, $2 table: the last commit, and the physical table as of the same moment. */
export const placeSql = `select ${lastOf} as last, (select ptr from storage where owner = $1 and id = $2) as ptr`

/** $1 tenant: the last commit. */
export const lastSql = `select ${lastOf} as last`

/** $1 tenant, $2 id: the last commit, with the row that it sees. */
export function firstSql(ptr: string): string {
  return `with head as (select ${lastOf} as last)
    select head.last, row.* from head left join lateral (${visible(ptr, 'head.last')}) row on true`
}

/** $1 last, $2 id: the row that the snapshot sees. */
export function rowSql(ptr: string): string {
  return `select $1::bigint as last, row.* from (${visible(ptr, '$1::bigint')}) row`
}
