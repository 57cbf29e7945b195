import type { DatabaseSync } from 'node:sqlite'
import type { Outcome } from '../../ports/tables.ts'
import { readNumber } from '../read-number.ts'
import type { TablesKeeping } from '../tables-keeping.ts'
import type { Prepared } from './prepared.ts'
import { recallCommit } from './tables-outcomes.ts'

type Request = Parameters<TablesKeeping['restrict']>[0]

const commitSql = `insert into commits
    (owner, number, at, sid, principal, function, hash, request, idempotency, result)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const headSql = `insert into heads (owner, last, at) values (?, ?, ?)
  on conflict (owner) do update set last = excluded.last, at = excluded.at`

function restrict(sql: Prepared, request: Request): Outcome {
  const { tenant, table, meta } = request
  const repeated = meta.idempotency === undefined ? null : recallCommit(sql, tenant, meta.idempotency)
  if (repeated !== null) return { state: 'committed', number: repeated.number, at: repeated.at, repeated }
  const update = 'update storage set permissions = ? where owner = ? and id = ?'
  if (sql.run(update, request.permissions, tenant, table) === 0) {
    return { state: 'aborted', why: 'conflict', table }
  }
  const head = sql.one('select last, at from heads where owner = ?', tenant)
  const number = readNumber(head?.last ?? 0) + 1
  const at = Math.max(readNumber(head?.at ?? 0), request.at)
  const { principal, function: fn, hash, request: asked, idempotency, result } = meta
  const told = [principal, fn, hash, asked, idempotency].map((text) => text ?? null)
  const answer = result === undefined ? null : JSON.stringify(result)
  sql.run(commitSql, tenant, number, at, request.sid, ...told, answer)
  sql.run(headSql, tenant, number, at)
  return { state: 'committed', number, at: new Date(at) }
}

/** Sets what a table permits, as a commit of its own that touches no row. Throws only when nothing was written. */
export function restrictTable(db: DatabaseSync, sql: Prepared, request: Request): Outcome {
  let sent = false
  try {
    db.exec('begin immediate')
    const outcome = restrict(sql, request)
    sent = true
    db.exec('commit')
    return outcome
  } catch (error) {
    const undone = !db.isOpen || db.isTransaction
    if (db.isOpen && db.isTransaction) db.exec('rollback')
    // The commit itself failed, and left nothing that could be rolled back: nobody can say.
    if (sent && !undone) return { state: 'unknown' }
    throw error
  }
}
