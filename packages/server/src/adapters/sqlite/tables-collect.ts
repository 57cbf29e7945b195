import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { readNumber } from '../read-number.ts'
import { dayMs, sessionGraceMs } from '../tables-session-row.ts'
import { immediately } from './open.ts'
import type { Prepared } from './prepared.ts'
import { placeSql, quoted } from './tables-sql.ts'

// Rows of one write transaction: whoever else writes to the file waits for that long at a time.
const batch = 1_000

/** ?1 until when versions go, ?2 until when commits go: tenants that have some of either. */
const dueSql = `select owner from heads where
  (select at from commits c where c.owner = heads.owner and c.number > heads.horizon order by number limit 1) <= ?1
  or (select at from commits c where c.owner = heads.owner and c.number < heads.horizon order by number limit 1) <= ?2
  order by owner`

/** ?1 tenant, ?2 until when; oldest first, so that whoever follows sees a gap and never a hole. */
const commitsSql = `delete from commits where owner = ?1 and number in (
  select number from commits where owner = ?1 and at <= ?2
    and number < (select horizon from heads where owner = ?1) order by number limit ${batch})`

const answersSql = `update commits set idempotency = null, result = null where rowid in (
  select rowid from commits where (idempotency is not null or result is not null) and at <= ? limit ${batch})`

const voidSql = `delete from commits where rowid in (
  select rowid from commits where number is null and at <= ? limit ${batch})`

/** Purges a batch of versions of a tenant, and raises the horizon to the commit that ended the last of them. */
function purge(sql: Prepared, tenant: string, until: number): { purged: number; more: boolean } {
  const horizon = readNumber(sql.one('select horizon from heads where owner = ?', tenant)?.horizon ?? 0)
  const seen = 'select min(create_txid) - 1 as bound from trxs where tenant = ? and create_txid > 0'
  const bound = sql.one(seen, tenant)?.bound ?? null
  let to = horizon
  let rows = 0
  const tables = new Set<string>()
  const ended = 'select number, at, touched from commits where owner = ? and number > ? order by number'
  for (const line of sql.each(ended, tenant, horizon)) {
    const number = readNumber(line.number)
    if (readNumber(line.at) > until || (bound !== null && number > readNumber(bound))) break
    // What is stored was written by a commit of ours.
    const touched = JSON.parse(String(line.touched)) as { table: string }[]
    for (const { table } of touched) tables.add(table)
    to = number
    rows += 1 + touched.length
    if (rows >= batch) break
  }
  if (to === horizon) return { purged: 0, more: false }
  let purged = 0
  for (const table of tables) {
    const ptr = sql.one(placeSql, tenant, table)?.ptr
    if (ptr === undefined) continue
    for (const name of [`${ptr}_h`, String(ptr)]) {
      purged += sql.run(`delete from ${quoted(name)} where _deleted_txid <= ?`, to)
    }
  }
  sql.run('update heads set horizon = ? where owner = ?', to, tenant)
  return { purged, more: rows >= batch }
}

/** Purges what nobody can see any more, tenant by tenant and in batches; answers how many versions went. */
export async function collectAll(
  db: DatabaseSync,
  sql: Prepared,
  { now, historyMs }: { readonly now: number; readonly historyMs: number },
): Promise<{ readonly purged: number }> {
  const until = now - historyMs
  const dayBefore = now - dayMs
  const commitsUntil = Math.min(until, dayBefore)
  let purged = 0

  async function repeat(text: string, ...values: (string | number)[]) {
    for (let rows = batch; rows >= batch; await setImmediate()) rows = sql.run(text, ...values)
  }

  sql.run('delete from trxs where expires_at <= ?', now - sessionGraceMs)
  await repeat(answersSql, dayBefore)
  await repeat(voidSql, dayBefore)
  for (const { owner } of sql.all(dueSql, until, commitsUntil)) {
    const tenant = String(owner)
    for (let more = true; more; await setImmediate()) {
      const done = immediately(db, () => purge(sql, tenant, until))
      purged += done.purged
      more = done.more
    }
    await repeat(commitsSql, tenant, commitsUntil)
  }
  return { purged }
}
