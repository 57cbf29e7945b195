import type { DatabaseSync } from 'node:sqlite'
import type { Outcome, Remembered } from '../../ports/tables.ts'
import { readNumber } from '../read-number.ts'
import { immediately } from './open.ts'
import type { Prepared } from './prepared.ts'

/** What became of a transaction; null when nobody knows it. */
export function knownOutcome(sql: Prepared, tenant: string, sid: string): Outcome | null {
  const known = sql.one('select number, at from commits where owner = ? and sid = ?', tenant, sid)
  if (known === undefined) return null
  // It was declared void.
  if (known.number === null) return { state: 'aborted', why: 'conflict' }
  return { state: 'committed', number: readNumber(known.number), at: new Date(readNumber(known.at)) }
}

/** What became of a transaction; one that nobody knows can never commit from now on. */
export function settleOutcome(
  db: DatabaseSync,
  sql: Prepared,
  tenant: string,
  sid: string,
  at: number,
): Outcome {
  return immediately(db, () => {
    const known = knownOutcome(sql, tenant, sid)
    if (known === null) sql.run('insert into commits (owner, at, sid) values (?, ?, ?)', tenant, at, sid)
    return known ?? { state: 'aborted', why: 'conflict' }
  })
}

/** What a commit under an idempotency key left; null when there is none. */
export function recallCommit(sql: Prepared, tenant: string, idempotency: string): Remembered | null {
  const text = 'select number, at, request, result from commits where owner = ? and idempotency = ?'
  const found = sql.one(text, tenant, idempotency)
  if (found === undefined) return null
  return {
    number: readNumber(found.number),
    at: new Date(readNumber(found.at)),
    request: found.request === null ? null : String(found.request),
    result: found.result === null ? null : JSON.parse(String(found.result)),
  }
}

// Numbers that were passed over, when tables made by hand were taken in, count as the commit before them.
const beforeSql = 'select at from commits where owner = ? and number <= ? order by number desc limit 1'

/**
 * The last commit made by an instant: the time of commits never falls back, and what is not there any more lies before all
 * that is.
 */
export function lastBy(sql: Prepared, tenant: string, last: number, at: number): number {
  let low = 0
  let high = last
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const found = sql.one(beforeSql, tenant, middle)
    if (found === undefined || readNumber(found.at) <= at) low = middle
    else high = middle - 1
  }
  return low
}
