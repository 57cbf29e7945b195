/** A name as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

const columns = 'id, data, _txid, _deleted_txid, _owner, _order'

/** ?1 tenant: the last commit. */
export const lastSql = 'select coalesce((select last from heads where owner = ?1), 0) as last'

/** ?1 tenant, ?2 table: the physical table, if somebody wrote to it. */
export const placeSql = 'select ptr from storage where owner = ?1 and id = ?2'

/** ?1 tenant, ?2 number: commits behind it; none that were declared void. */
export const commitsSql =
  'select number, touched from commits where owner = ?1 and number > ?2 order by number limit 500'

/** ?1 tenant, ?2 number, ?3 table: the rows of it that commits from that one on touched. */
export const touchedSql = `select distinct t.value ->> 'id' as id from commits, json_each(commits.touched) t
  where owner = ?1 and number >= ?2 and t.value ->> 'table' = ?3`

/**
 * ?1 last, ?2 id: the row that the snapshot sees. A commit moves rows from the main table to the history, so both are
 * read by one statement. Of the history only the newest version up to the snapshot can be the one: intervals of versions
 * do not overlap.
 */
export function rowSql(ptr: string): string {
  return `select id, data, _txid, _owner, _order from (
    select ${columns} from ${quoted(ptr)} where id = ?2 and _txid <= ?1
    union all
    select * from (select ${columns} from ${quoted(`${ptr}_h`)} where id = ?2 and _txid <= ?1
      order by _txid desc limit 1)
  ) where _deleted_txid is null or _deleted_txid > ?1`
}

/** Whether a unique index compares what stands in a column; see `isComparable`. */
export function comparableSql(column: string): string {
  return `${column} <> '0' and ${column} <> '5'`
}
