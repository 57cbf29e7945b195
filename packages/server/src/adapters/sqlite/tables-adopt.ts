import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { readNumber } from '../read-number.ts'
import { immediately } from './open.ts'
import type { Prepared } from './prepared.ts'
import { createTable } from './tables-place.ts'
import { quoted } from './tables-sql.ts'

const columns = ['id', 'data', '_txid', '_deleted_txid', '_owner', '_order']

/** Registered tables that have no history yet. */
const byHandSql = `select owner, id, ptr from storage
  where exists (select 1 from sqlite_schema where type = 'table' and name = ptr)
    and not exists (select 1 from sqlite_schema where type = 'table' and name = ptr || '_h')
  order by owner, id`

/** Moves the rows into a table of our shape under the same name; answers the highest commit that they speak of. */
function reshape(db: DatabaseSync, sql: Prepared, ptr: string): number {
  const there = new Set(sql.all('select name from pragma_table_info(?)', ptr).map((line) => line.name))
  const missing = columns.filter((column) => !there.has(column))
  if (missing.length > 0) {
    throw new Error(`the table ${ptr} cannot be served: it has no column ${missing.join(', ')}`)
  }
  const old = quoted(`${ptr}_by_hand`)
  db.exec(`alter table ${quoted(ptr)} rename to ${old}`)
  createTable(db, ptr)
  db.exec(`insert into ${quoted(ptr)} (${columns.join(', ')})
    select id, json(data), _txid, _deleted_txid, _owner, coalesce(_order, rowid) from ${old}`)
  db.exec(`drop table ${old}`)
  const top = `select max(max(_txid), max(coalesce(_deleted_txid, 0)), max(_order) / 1024) as top from ${quoted(ptr)}`
  return readNumber(db.prepare(top).get()?.top ?? 0)
}

/**
 * Takes in the registered tables that have no history yet, as they were made by hand; answers how many. Their tenant's
 * next number lies behind all that their rows speak of, and is a commit of its own, so that followers see a gap. What
 * such rows were before is not known: a tenant that had nothing else can be read from that commit on.
 */
export function adoptTables(db: DatabaseSync, sql: Prepared, now: number): number {
  const adopt = () => {
    const lines = sql.all(byHandSql)
    for (const tenant of new Set(lines.map((line) => String(line.owner)))) {
      const head = sql.one('select last, at, horizon from heads where owner = ?', tenant)
      const last = readNumber(head?.last ?? 0)
      const tops = lines
        .filter((line) => line.owner === tenant)
        .map((line) => reshape(db, sql, String(line.ptr)))
      const number = Math.max(last, ...tops) + 1
      const at = Math.max(readNumber(head?.at ?? 0), now)
      const insert = 'insert into commits (owner, number, at, sid) values (?, ?, ?, ?)'
      sql.run(insert, tenant, number, at, randomUUID())
      const horizon = last === 0 ? number : readNumber(head?.horizon ?? 0)
      sql.run(
        `insert into heads (owner, last, at, horizon) values (?1, ?2, ?3, ?4)
         on conflict (owner) do update set last = ?2, at = ?3, horizon = ?4`,
        tenant,
        number,
        at,
        horizon,
      )
    }
    return lines.length
  }
  // Asked without a lock first: mostly there is none.
  return sql.all(byHandSql).length === 0 ? 0 : immediately(db, adopt)
}
