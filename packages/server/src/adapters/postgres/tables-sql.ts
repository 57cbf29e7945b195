/** A version of a row, live or deleted, of the main table or the history; its columns are null when there is none. */
export interface VersionLine {
  readonly id: string | null
  readonly data: unknown
  readonly _txid: string
  readonly _deleted_txid: string | null
  readonly _owner: string
  readonly _order: string
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

const columns = 'id, data, _txid, _deleted_txid, _owner, _order'
const lastOf = 'coalesce((select last from heads where owner = $1), 0)'

/** $1 tenant, $2 table: the last commit, and the physical table as of the same moment. */
export const placeSql = `select ${lastOf} as last, (select ptr from storage where owner = $1 and id = $2) as ptr`

/** $1 tenant: the last commit. */
export const lastSql = `select ${lastOf} as last`

/** $1 tenant, $2 id: the last commit with the newest version of a row, of the same moment. */
export function firstSql(ptr: string): string {
  return `select ${lastOf} as last, ${columns} from (values (1)) one left join ${quoted(ptr)} on id = $2`
}

/** $1 id: the newest version of a row. */
export function newestSql(ptr: string): string {
  return `select ${columns} from ${quoted(ptr)} where id = $1`
}

/** $1 id, $2 last: of the superseded versions of a row the newest that a snapshot may see. */
export function supersededSql(ptr: string): string {
  return `select ${columns} from ${quoted(`${ptr}_h`)} where id = $1 and _txid <= $2 order by _txid desc limit 1`
}
