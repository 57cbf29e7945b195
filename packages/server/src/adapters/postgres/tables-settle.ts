import pg, { type Pool } from 'pg'
import { type Outcome, TablesLost } from '../../ports/tables.ts'
import { outcomeOf, type Verdict } from './tables-commit.ts'

const lockNotAvailable = '55P03'
// A little more than the lock is waited for there.
const patienceMs = 6_000

/**
 * Asks what became of a transaction on a connection of its own: those of the pool may be the ones that broke, or all wait.
 * Throws `TablesLost` when the lock on the tenant's head stays taken for 5 s.
 */
export async function settleOutcome(pool: Pool, tenant: string, sid: string, at: number): Promise<Outcome> {
  const { connectionString } = pool.options
  const client = new pg.Client({
    ...(connectionString === undefined ? pool.options : { connectionString }),
    connectionTimeoutMillis: 5_000,
    query_timeout: patienceMs,
  })
  // A connection that breaks tells its listeners too; whoever waits hears of it all the same.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const text = 'select console_tables_settle($1, $2, $3) as verdict'
    const { rows } = await client.query<{ verdict: Verdict }>(text, [tenant, sid, new Date(at)])
    return outcomeOf(rows[0]?.verdict)
  } catch (error) {
    const isHeld = error instanceof Error && 'code' in error && error.code === lockNotAvailable
    throw isHeld ? new TablesLost('the head of the tenant is held', { cause: error }) : error
  } finally {
    client.end().catch(() => undefined)
  }
}
