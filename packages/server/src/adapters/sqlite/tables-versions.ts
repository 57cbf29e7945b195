import type { SQLOutputValue } from 'node:sqlite'
import type { Committed, RowVersion } from '../../ports/tables.ts'
import { readNumber } from '../read-number.ts'
import type { Prepared } from './prepared.ts'
import { placeSql, quoted } from './tables-sql.ts'

/**
 * ?1 tenant, ?2 id, ?3 before (or null), ?4 limit. A version that ended was deleted unless another began by the commit
 * that ended it.
 */
function versionsSql(ptr: string): string {
  const [main, history] = [quoted(ptr), quoted(`${ptr}_h`)]
  const page = (from: string) => `select id, data, _txid, _deleted_txid, _owner, _order from ${from}
    where id = ?2 and (?3 is null or _txid < ?3)`
  const next = (from: string) =>
    `exists (select 1 from ${from} n where n.id = ?2 and n._txid = version._deleted_txid)`
  return `select version.*, commits.at, commits.principal, commits.function,
      ending.at as ended_at, ending.principal as ended_principal, ending.function as ended_function,
      version._deleted_txid is not null and not ${next(main)} and not ${next(history)} as deleted
    from (${page(main)} union all ${page(history)}) version
    left join commits on commits.owner = ?1 and commits.number = version._txid
    left join commits ending on ending.owner = ?1 and ending.number = version._deleted_txid
    order by version._txid desc limit ?4`
}

/** The versions of a row, newest first, with the commits that wrote them and that deleted them. */
export function versionsOf(
  sql: Prepared,
  { tenant, table, id }: { readonly tenant: string; readonly table: string; readonly id: string },
  page: { readonly before: number | null; readonly limit: number },
): readonly RowVersion[] {
  const place = sql.one(placeSql, tenant, table)
  if (place === undefined) return []
  const lines = sql.all(versionsSql(String(place.ptr)), tenant, id, page.before, page.limit)
  return lines.map((line) => ({
    id: String(line.id),
    data: JSON.parse(String(line.data)),
    owner: String(line._owner),
    txid: readNumber(line._txid),
    order: readNumber(line._order),
    endedBy: line._deleted_txid === null ? null : readNumber(line._deleted_txid),
    deleted: line.deleted === 0 ? null : committed(line.ended_at, line.ended_principal, line.ended_function),
    ...committed(line.at, line.principal, line.function),
  }))
}

type Cell = SQLOutputValue | undefined
const committed = (at: Cell, principal: Cell, fn: Cell): Committed => ({
  at: at === null ? null : new Date(readNumber(at)),
  principal: principal === null ? null : String(principal),
  function: fn === null ? null : String(fn),
})
