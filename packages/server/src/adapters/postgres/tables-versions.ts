import type { Pool } from 'pg'
import type { Committed, RowVersion } from '../../ports/tables.ts'
import { readNumber } from '../read-number.ts'
import { columns, quoted, type VersionLine } from './tables-sql.ts'

interface Line extends VersionLine, Committed {
  readonly id: string
  readonly deleted: boolean
  readonly ended_at: Date | null
  readonly ended_principal: string | null
  readonly ended_function: string | null
}

/**
 * $1 tenant, $2 id, $3 before (or null), $4 limit. A version that ended was deleted unless another began by the commit
 * that ended it.
 */
function versionsSql(ptr: string): string {
  const [main, history] = [quoted(ptr), quoted(`${ptr}_h`)]
  const page = (from: string) => `(select ${columns} from ${from}
    where id = $2 and ($3::bigint is null or _txid < $3) order by _txid desc limit $4)`
  const next = (from: string) =>
    `exists (select from ${from} where id = $2 and _txid = version._deleted_txid)`
  return `select version.*, commits.at, commits.principal, commits.function,
      ending.at as ended_at, ending.principal as ended_principal, ending.function as ended_function,
      version._deleted_txid is not null and not ${next(main)} and not ${next(history)} as deleted
    from (${page(main)} union all ${page(history)}) version
    left join commits on commits.owner = $1 and commits.number = version._txid
    left join commits ending on ending.owner = $1 and ending.number = version._deleted_txid
    order by version._txid desc limit $4`
}

/** The versions of a row, newest first, with the commits that wrote them and that deleted them. */
export async function versionsOf(
  pool: Pool,
  { tenant, table, id }: { readonly tenant: string; readonly table: string; readonly id: string },
  page: { readonly before: number | null; readonly limit: number },
): Promise<readonly RowVersion[]> {
  const place = 'select ptr from storage where owner = $1 and id = $2'
  const ptr = (await pool.query<{ ptr: string }>(place, [tenant, table])).rows[0]?.ptr
  if (ptr === undefined) return []
  const { rows } = await pool.query<Line>(versionsSql(ptr), [tenant, id, page.before, page.limit])
  return rows.map((line) => ({
    id: line.id,
    // Only documents that passed as JSON were stored.
    data: line.data as RowVersion['data'],
    owner: line._owner,
    txid: readNumber(line._txid),
    order: readNumber(line._order),
    endedBy: line._deleted_txid === null ? null : readNumber(line._deleted_txid),
    deleted: line.deleted
      ? { at: line.ended_at, principal: line.ended_principal, function: line.ended_function }
      : null,
    at: line.at,
    principal: line.principal,
    function: line.function,
  }))
}
