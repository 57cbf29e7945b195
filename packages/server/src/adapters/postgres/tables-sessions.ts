import type { Pool } from 'pg'
import { readNumber } from '../read-number.ts'
import type { TablesKeeping, TxState } from '../tables-keeping.ts'
import { bufferOf, currentOf } from '../tables-session-row.ts'

const insertSql = `insert into trxs
    (tenant, owner, sid, create_txid, isolation, buffer, expires_at, buffer_version, begun_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (sid) do nothing`

const updateSql = `update trxs set create_txid = $4, isolation = $5, buffer = $6, expires_at = $7, buffer_version = $8
  where tenant = $1 and owner = $2 and sid = $3 and buffer_version = $8 - 1`

const aliveSql = 'tenant = $1 and owner = $2 and sid = $3 and expires_at > $4'

const takeSql = `select buffer, buffer_version, extract(epoch from begun_at) * 1000 as begun_at,
    extract(epoch from expires_at) * 1000 as expires_at
  from trxs where ${aliveSql}`

interface Line {
  readonly buffer: TxState
  readonly buffer_version: string
  readonly begun_at: string
  readonly expires_at: string
}

const instant = (text: string) => Math.round(Number(text))

/** Sessions in `trxs`: whoever stores the next version first has it. */
export function sessionsIn(pool: Pool): Pick<TablesKeeping, 'putAway' | 'takeUp' | 'drop' | 'countSessions'> {
  return {
    async putAway(session) {
      const { tenant, principal, state, version } = session
      const values: unknown[] = [tenant, principal, state.sid, currentOf(state), state.isolation]
      values.push(bufferOf(session), new Date(session.expiresAt), version)
      if (version === 1) values.push(new Date(session.begunAt))
      return (await pool.query(version === 1 ? insertSql : updateSql, values)).rowCount === 1
    },
    async takeUp(tenant, principal, sid, now) {
      const { rows } = await pool.query<Line>(takeSql, [tenant, principal, sid, new Date(now)])
      const line = rows[0]
      if (line === undefined) return null
      return {
        tenant,
        principal,
        // What is stored was put away by this code.
        state: line.buffer,
        version: readNumber(line.buffer_version),
        begunAt: instant(line.begun_at),
        expiresAt: instant(line.expires_at),
      }
    },
    async drop(tenant, principal, sid, now) {
      const values = [tenant, principal, sid, new Date(now)]
      return (await pool.query(`delete from trxs where ${aliveSql}`, values)).rowCount === 1
    },
    async countSessions(tenant, principal, now) {
      const text = 'select count(*) from trxs where tenant = $1 and owner = $2 and expires_at > $3'
      const { rows } = await pool.query<{ count: string }>(text, [tenant, principal, new Date(now)])
      return readNumber(rows[0]?.count ?? 0)
    },
  }
}
