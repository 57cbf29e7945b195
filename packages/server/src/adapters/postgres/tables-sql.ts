/** A version of a row, live or deleted, of the main table or the history; its columns are null when there is none. */
export interface VersionLine {
  readonly id: string | null
  readonly data: unknown
  readonly _txid: string
  readonly _deleted_txid: string | null
  readonly _owner: string
  readonly _order: string
}

/** A name as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The columns of a version. */
export const columns = 'id, data, _txid, _deleted_txid, _owner, _order'
/** The last commit of the tenant $1. */
export const lastOf = 'coalesce((select last from heads where owner = $1), 0)'

/** $1 tenant, $2 table: the last commit, and the physical table as of the same moment. */
export const placeSql = `select ${lastOf} as last, (select ptr from storage where owner = $1 and id = $2) as ptr`

/** $1 tenant: the last commit. */
export const lastSql = `select ${lastOf} as last`

/** $1 tenant, $2 id: the last commit with the newest version of a row, of the same moment. */
export function firstSql(ptr: string): string {
  return `select ${lastOf} as last, ${columns} from (values (1)) one left join ${quoted(ptr)} on id = $2`
}

/** $1 tenant, $2 ids: the last commit with the newest versions of rows, of the same moment. */
export function newestOfSql(ptr: string): string {
  return `select head.last, ${columns} from (select ${lastOf} as last) head
    left join ${quoted(ptr)} on id = any ($2::text[])`
}

/** $1 id, $2 last: of the superseded versions of a row the newest that a snapshot may see. */
export function supersededSql(ptr: string): string {
  return `select ${columns} from ${quoted(`${ptr}_h`)} where id = $1 and _txid <= $2 order by _txid desc limit 1`
}

/** $1 ids, $2 last: the rows that a snapshot sees; a version that ended since is in the history. */
export function rowsSql(ptr: string): string {
  return `select ${columns} from ${quoted(ptr)}
      where id = any ($1::text[]) and _txid <= $2 and (_deleted_txid is null or _deleted_txid > $2)
    union all
    select old.* from unnest($1::text[]) as wanted (id) cross join lateral (
      select ${columns} from ${quoted(`${ptr}_h`)} h where h.id = wanted.id and _txid <= $2 order by _txid desc limit 1
    ) old where old._deleted_txid > $2`
}

/** $1 tenant, $2 ids: the last commit with the rows that are live, of the same moment. */
export function firstRowsSql(ptr: string): string {
  return `select head.last, ${columns} from (select ${lastOf} as last) head
    left join ${quoted(ptr)} on id = any ($2::text[]) and _deleted_txid is null`
}

/** $1 tenant, $2 an instant or null: the last commit, the oldest snapshot that can be read, the last commit by then. */
export const momentSql = 'select last, horizon, by_then from console_tables_moment($1, $2)'

/** $1 tenant, $2 idempotency key: what its commit left. The owner is hidden from the planner, see the migrations. */
export const recallSql = `select number, at, request, result from commits
  where idempotency = $2 and owner || '' = $1`

/** $1 tenant: its tables, each with its declared indexes as [fields, is_unique]. */
export const standingSql = `select id, owned, listed,
    array(select jsonb_build_array(to_jsonb(fields), is_unique) from table_indexes i
      where i.owner = s.owner and i.id = s.id order by fields) as indexes
  from storage s where owner = $1`

/** $1 tenant, $2 table: the declared indexes. */
export const indexesSql =
  'select fields, is_unique from table_indexes where owner = $1 and id = $2 order by fields'

/** $1 tenant, $2 number: commits behind it; none that were declared void. */
export const commitsSql =
  'select number, touched from commits where owner = $1 and number > $2 order by number limit 500'
