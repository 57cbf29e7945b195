import type { DatabaseSync } from 'node:sqlite'
import type { Outcome } from '../../ports/tables.ts'
import { readNumber } from '../read-number.ts'
import { placesPerCommit, type Write } from '../tables-buffer.ts'
import { pointerOf } from '../tables-document.ts'
import type { CommitRequest } from '../tables-over.ts'
import type { Prepared } from './prepared.ts'
import { placeSql, quoted } from './tables-sql.ts'

const columns = 'id, data, _txid, _deleted_txid, _owner, _order'

/** The physical table of a tenant's table, made with its history when there is none. */
function placeOf(db: DatabaseSync, sql: Prepared, tenant: string, table: string): string {
  const known = sql.one(placeSql, tenant, table)
  if (known !== undefined) return String(known.ptr)
  const ptr = pointerOf(tenant, table)
  const shape = `data text not null, _txid integer not null, _deleted_txid integer, _owner text not null,
    _order integer not null`
  db.exec(`create table if not exists ${quoted(ptr)} (id text primary key, ${shape}) strict`)
  db.exec(
    `create table if not exists ${quoted(`${ptr}_h`)} (id text not null, ${shape}, primary key (id, _txid)) strict`,
  )
  sql.run('insert into storage (owner, id, ptr) values (?, ?, ?)', tenant, table, ptr)
  return ptr
}

/** The first of these ids whose newest version began or ended at or after `current`. */
function overtaken(sql: Prepared, request: CommitRequest, current: number) {
  const { tenant } = request
  for (const { table, id } of [...request.writes, ...request.reads]) {
    const found = sql.one(placeSql, tenant, table)
    if (found === undefined) continue
    const text = `select 1 from ${quoted(String(found.ptr))} where id = ?1 and (_txid >= ?2 or _deleted_txid >= ?2)`
    if (sql.one(text, id, current) !== undefined) return { table, id }
  }
  return null
}

/** Writes one document as of a commit; says what was done to the row, null when nothing was. */
function apply(
  sql: Prepared,
  ptr: string,
  write: Write,
  number: number,
): 'insert' | 'update' | 'delete' | null {
  const main = quoted(ptr)
  const { id } = write
  const old = sql.one(`select _deleted_txid, _owner, _order from ${main} where id = ?`, id)
  const live = old !== undefined && old._deleted_txid === null
  if (write.text === null) {
    if (live) sql.run(`update ${main} set _deleted_txid = ? where id = ?`, number, id)
    return live ? 'delete' : null
  }
  if (old !== undefined) {
    sql.run(
      `insert into ${quoted(`${ptr}_h`)} (${columns})
       select id, data, _txid, coalesce(_deleted_txid, ?1), _owner, _order from ${main} where id = ?2`,
      number,
      id,
    )
  }
  const kept = live && !write.fresh ? old : null
  sql.run(
    `insert or replace into ${main} (${columns}) values (?, ?, ?, null, ?, ?)`,
    id,
    write.text,
    number,
    kept === null ? write.owner : String(kept._owner),
    kept === null ? number * placesPerCommit + write.place : readNumber(kept._order),
  )
  return live ? 'update' : 'insert'
}

/** Commits one transaction inside the file's open one. */
export function commitOne(db: DatabaseSync, sql: Prepared, request: CommitRequest): Outcome {
  const { tenant, sid } = request
  const known = sql.one('select number, at from commits where owner = ? and sid = ?', tenant, sid)
  if (known !== undefined) {
    if (known.number === null) return { state: 'aborted', why: 'conflict' }
    return { state: 'committed', number: readNumber(known.number), at: new Date(readNumber(known.at)) }
  }
  const head = sql.one('select last, at from heads where owner = ?', tenant)
  const last = readNumber(head?.last ?? 0)
  const current = request.current ?? last + 1
  // Nobody can have overtaken a snapshot of the present.
  const conflict = current > last ? null : overtaken(sql, request, current)
  if (conflict !== null) return { state: 'aborted', why: 'conflict', ...conflict }

  const number = last + 1
  const at = Math.max(readNumber(head?.at ?? 0), request.at)
  const touched: { table: string; id: string; type: string }[] = []
  for (const write of request.writes) {
    const type = apply(sql, placeOf(db, sql, tenant, write.table), write, number)
    if (type !== null) touched.push({ table: write.table, id: write.id, type })
  }
  sql.run(
    'insert into commits (owner, number, at, sid, touched) values (?, ?, ?, ?, ?)',
    tenant,
    number,
    at,
    sid,
    JSON.stringify(touched),
  )
  sql.run('insert or replace into heads (owner, last, at) values (?, ?, ?)', tenant, number, at)
  return { state: 'committed', number, at: new Date(at) }
}
