/** A name as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

const columns = 'id, data, _txid, _deleted_txid, _owner, _order'

/** ?1 tenant: the last commit. */
export const lastSql = 'select coalesce((select last from heads where owner = ?1), 0) as last'

/** ?1 tenant, ?2 table: the physical table, if somebody wrote to it. */
export const placeSql = 'select ptr from storage where owner = ?1 and id = ?2'

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
