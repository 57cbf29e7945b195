import type { Pool, PoolClient } from 'pg'
import { type Json, type Outcome, TablesLost } from '../../ports/tables.ts'
import type { TablesKeeping } from '../tables-keeping.ts'
import { isLost } from './pool.ts'

/** What `console_tables_restrict` answers. */
interface Verdict {
  readonly number?: number
  readonly at?: number
  readonly repeated?: {
    readonly number: number
    readonly at: number
    readonly request: string | null
    readonly result: Json
  }
}

const instant = (at: number) => new Date(Math.round(at))

/** Sets what a table permits by one call; rejects with `TablesLost` when nothing was sent. */
export async function restrictTable(
  pool: Pool,
  { tenant, table, permissions, sid, at, meta }: Parameters<TablesKeeping['restrict']>[0],
): Promise<Outcome> {
  let client: PoolClient
  try {
    client = await pool.connect()
  } catch (error) {
    throw isLost(error) ? new TablesLost('the database is away', { cause: error }) : error
  }
  const text = 'select console_tables_restrict($1, $2, $3, $4) as verdict'
  const { principal, function: fn, hash, request, idempotency, result } = meta
  const commit = JSON.stringify({ sid, at, principal, function: fn, hash, request, idempotency, result })
  try {
    const { rows } = await client.query<{ verdict: Verdict }>(text, [tenant, table, permissions, commit])
    client.release()
    const verdict = rows[0]?.verdict
    if (verdict?.repeated !== undefined) {
      const repeated = { ...verdict.repeated, at: instant(verdict.repeated.at) }
      return { state: 'committed', number: repeated.number, at: repeated.at, repeated }
    }
    if (verdict?.number === undefined || verdict.at === undefined) {
      return { state: 'aborted', why: 'conflict', table }
    }
    return { state: 'committed', number: verdict.number, at: instant(verdict.at) }
  } catch (error) {
    // It was sent, and the answer was lost: it may stand.
    const lost = isLost(error)
    client.release(lost)
    if (lost) return { state: 'unknown' }
    throw error
  }
}
