import type { Pool } from 'pg'
import { readNumber } from '../read-number.ts'
import { dayMs, sessionGraceMs } from '../tables-session-row.ts'

// Rows of one statement: a tenant's head is locked for that long at a time.
const batch = 1_000

/** $1 until when versions go, $2 until when commits go: tenants that have some of either. */
const dueSql = `select owner from heads where exists (
    select from (select at from commits c where c.owner = heads.owner and c.number > heads.horizon
      order by number limit 1) next where next.at <= $1)
  or exists (
    select from (select at from commits c where c.owner = heads.owner and c.number < heads.horizon
      order by number limit 1) first where first.at <= $2)
  order by owner`

/** $1 tenant, $2 until when; oldest first, so that whoever follows sees a gap and never a hole. */
const commitsSql = `delete from commits using (
    select number from commits where owner = $1 and at <= $2
      and number < (select horizon from heads where owner = $1) order by number limit ${batch}
  ) old where commits.owner = $1 and commits.number = old.number`

const answersSql = `update commits set idempotency = null, result = null where ctid = any (array(
    select ctid from commits where (idempotency is not null or result is not null) and at <= $1 limit ${batch}))`

const voidSql = `delete from commits where ctid = any (array(
    select ctid from commits where number is null and at <= $1 limit ${batch}))`

/** Purges what nobody can see any more, tenant by tenant and in batches; answers how many versions went. */
export async function collectAll(
  pool: Pool,
  { now, historyMs }: { readonly now: number; readonly historyMs: number },
): Promise<{ readonly purged: number }> {
  const until = new Date(now - historyMs)
  const dayBefore = new Date(now - dayMs)
  const commitsUntil = until < dayBefore ? until : dayBefore
  let purged = 0

  async function repeat(text: string, values: readonly unknown[]) {
    for (let rows = batch; rows >= batch; ) rows = (await pool.query(text, [...values])).rowCount ?? 0
  }

  await pool.query('delete from trxs where expires_at <= $1', [new Date(now - sessionGraceMs)])
  await repeat(answersSql, [dayBefore])
  await repeat(voidSql, [dayBefore])
  const due = await pool.query<{ owner: string }>(dueSql, [until, commitsUntil])
  for (const { owner } of due.rows) {
    for (let more = true; more; ) {
      const { rows } = await pool.query<{ purged: string; more: boolean }>(
        'select purged, more from console_tables_purge($1, $2, $3)',
        [owner, until, batch],
      )
      purged += readNumber(rows[0]?.purged ?? 0)
      more = rows[0]?.more ?? false
    }
    await repeat(commitsSql, [owner, commitsUntil])
  }
  return { purged }
}
