import type { DatabaseSync } from 'node:sqlite'
import type { Json, Outcome } from '../../ports/tables.ts'
import { readNumber } from '../read-number.ts'
import { placesPerCommit, type Write } from '../tables-buffer.ts'
import { fieldKey, isComparable } from '../tables-key.ts'
import { type CommitRequest, isComparing } from '../tables-over.ts'
import { columnOf, type TableIndex } from '../tables-shape.ts'
import { meets } from '../tables-tests.ts'
import type { Prepared } from './prepared.ts'
import { knownOutcome, recallCommit } from './tables-outcomes.ts'
import { fieldsOf, indexesAt, placeOf } from './tables-place.ts'
import { placeSql, quoted, touchedSql } from './tables-sql.ts'

const columns = 'id, data, _txid, _deleted_txid, _owner, _order'

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

/** The first row of which a version that meets a filter read began or ended since. */
function filterOvertaken(sql: Prepared, { tenant, filters }: CommitRequest, last: number) {
  for (const { table, tests, owner, current } of filters) {
    const found = current > last ? undefined : sql.one(placeSql, tenant, table)
    if (found === undefined) continue
    const ptr = String(found.ptr)
    const changed = (name: string) =>
      `select data from ${quoted(name)} where id = ?1 and (_txid >= ?2 or _deleted_txid >= ?2)
       and (?3 is null or _owner = ?3)`
    const versions = `${changed(ptr)} union all ${changed(`${ptr}_h`)}`
    for (const { id } of sql.all(touchedSql, tenant, current, table)) {
      const all = sql.all(versions, String(id), current, owner)
      if (all.some(({ data }) => meets(JSON.parse(String(data)), tests))) return { table, id: String(id) }
    }
  }
  return null
}

/** A table that is written to. */
interface Part {
  readonly table: string
  readonly indexes: readonly TableIndex[]
  readonly ptr: string
  readonly fields: readonly string[]
}

/** The first write whose document would stand in a unique index where another row stands. */
function clashing(sql: Prepared, part: Part, writes: readonly Write[]) {
  const written = new Set(writes.map((write) => write.id))
  for (const { fields } of part.indexes.filter((index) => index.unique)) {
    const columns = fields.map((field) => quoted(columnOf(field)))
    const text = `select id from ${quoted(part.ptr)}
      where ${columns.map((column) => `${column} = ?`).join(' and ')} and _deleted_txid is null`
    const taken = new Set<string>()
    for (const { id, text: document } of writes) {
      if (document === null) continue
      const data: Json = JSON.parse(document)
      const keys = fields.map((field) => fieldKey(data, field))
      if (!keys.every(isComparable)) continue
      const others = sql.all(text, ...keys).some((line) => !written.has(String(line.id)))
      if (others || taken.has(JSON.stringify(keys))) return { table: part.table, id }
      taken.add(JSON.stringify(keys))
    }
  }
  return null
}

/** Writes one document as of a commit; says what was done to the row, null when nothing was. */
function apply(
  sql: Prepared,
  { ptr, fields }: Part,
  write: Write,
  number: number,
): 'insert' | 'update' | 'delete' | null {
  const main = quoted(ptr)
  const { id } = write
  const keyed = fields.map((field) => `, ${quoted(columnOf(field))}`).join('')
  const old = sql.one(`select _deleted_txid, _owner, _order from ${main} where id = ?`, id)
  const live = old !== undefined && old._deleted_txid === null
  if (write.text === null) {
    if (live) sql.run(`update ${main} set _deleted_txid = ? where id = ?`, number, id)
    return live ? 'delete' : null
  }
  if (old !== undefined) {
    sql.run(
      `insert into ${quoted(`${ptr}_h`)} (${columns}${keyed})
       select id, data, _txid, coalesce(_deleted_txid, ?1), _owner, _order${keyed} from ${main} where id = ?2`,
      number,
      id,
    )
  }
  const kept = live && !write.fresh ? old : null
  const data: Json = fields.length === 0 ? null : JSON.parse(write.text)
  sql.run(
    `insert or replace into ${main} (${columns}${keyed}) values (?, ?, ?, null, ?, ?${', ?'.repeat(fields.length)})`,
    id,
    write.text,
    number,
    kept === null ? write.owner : String(kept._owner),
    kept === null ? number * placesPerCommit + write.place : readNumber(kept._order),
    ...fields.map((field) => fieldKey(data, field)),
  )
  return live ? 'update' : 'insert'
}

/** Why a transaction may not commit, whatever it writes and read; null when it may. */
function refusal(sql: Prepared, { tenant, sid, meta, session, isBare }: CommitRequest): Outcome | null {
  if (session !== null) {
    const text = 'select 1 from trxs where sid = ? and tenant = ? and buffer_version = ?'
    if (sql.one(text, sid, tenant, session) === undefined) return { state: 'aborted', why: 'conflict' }
  }
  if (isBare) return null
  if (meta.migration !== null) {
    const text = 'select 1 from app_migrations where owner = ? and id = ?'
    if (sql.one(text, tenant, meta.migration.id) !== undefined) return { state: 'aborted', why: 'conflict' }
  }
  for (const [table, wanted] of meta.bits) {
    const found = sql.one('select permissions from storage where owner = ? and id = ?', tenant, table)
    if ((readNumber(found?.permissions ?? 7) & wanted) !== wanted) {
      return { state: 'aborted', why: 'forbidden', table }
    }
  }
  return null
}

/** Stores what a commit says of itself. */
function store(sql: Prepared, request: CommitRequest, number: number, at: number, touched: string): void {
  const { tenant, sid, meta } = request
  sql.run(
    `insert into commits
       (owner, number, at, sid, principal, function, hash, request, idempotency, result, touched)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[tenant, number, at, sid, meta.principal, meta.function, meta.hash, meta.request],
    ...[meta.idempotency, meta.result, touched],
  )
  if (meta.migration !== null) {
    const text = 'insert into app_migrations (owner, id, checksum, at) values (?, ?, ?, ?)'
    sql.run(text, tenant, meta.migration.id, meta.migration.checksum, at)
  }
  // The horizon stays as it is.
  sql.run(
    `insert into heads (owner, last, at) values (?1, ?2, ?3)
     on conflict (owner) do update set last = ?2, at = ?3`,
    ...[tenant, number, at],
  )
}

/** Commits one transaction inside the file's open one. */
export function commitOne(db: DatabaseSync, sql: Prepared, request: CommitRequest): Outcome {
  const { tenant, sid, meta } = request
  // The key first: a rival under the same name hears that it was not its own commit.
  const repeated = meta.idempotency === null ? null : recallCommit(sql, tenant, meta.idempotency)
  if (repeated !== null) return { state: 'committed', number: repeated.number, at: repeated.at, repeated }
  const known = knownOutcome(sql, tenant, sid)
  if (known !== null) return known
  const refused = refusal(sql, request)
  if (refused !== null) return refused
  const dropSession = () => {
    if (request.session !== null) sql.run('delete from trxs where sid = ? and tenant = ?', sid, tenant)
  }
  if (request.isBare) {
    dropSession()
    return { state: 'committed', number: null, at: new Date(request.at) }
  }
  const head = sql.one('select last, at, horizon from heads where owner = ?', tenant)
  const last = readNumber(head?.last ?? 0)
  const current = request.current ?? last + 1
  // What was purged since cannot be compared any more.
  if (current <= readNumber(head?.horizon ?? 0) && isComparing(request)) {
    return { state: 'aborted', why: 'conflict' }
  }
  // Nobody can have overtaken a snapshot of the present.
  const conflict =
    (current > last ? null : overtaken(sql, request, current)) ?? filterOvertaken(sql, request, last)
  if (conflict !== null) return { state: 'aborted', why: 'conflict', ...conflict }
  const parts = new Map<string, Part>()
  for (const table of new Set(request.writes.map((write) => write.table))) {
    const indexes = indexesAt(sql, tenant, table)
    const part = { table, indexes, ptr: placeOf(db, sql, tenant, table), fields: fieldsOf(indexes) }
    parts.set(table, part)
    const mine = request.writes.filter((write) => write.table === table)
    const clash = clashing(sql, part, mine)
    if (clash !== null) return { state: 'aborted', why: 'unique', ...clash }
  }

  const number = last + 1
  const at = Math.max(readNumber(head?.at ?? 0), request.at)
  const touched: { table: string; id: string; type: string }[] = []
  for (const write of request.writes) {
    const part = parts.get(write.table)
    const type = part === undefined ? null : apply(sql, part, write, number)
    if (type !== null) touched.push({ table: write.table, id: write.id, type })
  }
  store(sql, request, number, at, JSON.stringify(touched))
  dropSession()
  return { state: 'committed', number, at: new Date(at) }
}
