import { readNumber } from '../read-number.ts'
import type { TablesKeeping } from '../tables-keeping.ts'
import { bufferOf, currentOf, stateIn } from '../tables-session-row.ts'
import type { Prepared } from './prepared.ts'

const insertSql = `insert or ignore into trxs
    (tenant, owner, sid, create_txid, isolation, buffer, expires_at, buffer_version, begun_at)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`

const updateSql = `update trxs
  set create_txid = ?4, isolation = ?5, buffer = ?6, expires_at = ?7, buffer_version = ?8
  where tenant = ?1 and owner = ?2 and sid = ?3 and buffer_version = ?8 - 1`

const aliveSql = 'tenant = ?1 and owner = ?2 and sid = ?3 and expires_at > ?4'

/** Sessions in `trxs`: whoever stores the next version first has it. */
export function sessionsIn(
  sql: Prepared,
): Pick<TablesKeeping, 'putAway' | 'takeUp' | 'drop' | 'countSessions'> {
  return {
    async putAway(session) {
      const { tenant, principal, state, version, begunAt, expiresAt } = session
      const head = [tenant, principal, state.sid, currentOf(state), state.isolation] as const
      const values = [...head, bufferOf(session), expiresAt, version] as const
      return (version === 1 ? sql.run(insertSql, ...values, begunAt) : sql.run(updateSql, ...values)) === 1
    },
    async takeUp(tenant, principal, sid, now) {
      const line = sql.one(`select * from trxs where ${aliveSql}`, tenant, principal, sid, now)
      if (line === undefined) return null
      return {
        tenant,
        principal,
        state: stateIn(String(line.buffer)),
        version: readNumber(line.buffer_version),
        begunAt: readNumber(line.begun_at),
        expiresAt: readNumber(line.expires_at),
      }
    },
    drop: async (tenant, principal, sid, now) =>
      sql.run(`delete from trxs where ${aliveSql}`, tenant, principal, sid, now) === 1,
    async countSessions(tenant, principal, now) {
      const text = 'select count(*) as count from trxs where tenant = ? and owner = ? and expires_at > ?'
      return readNumber(sql.one(text, tenant, principal, now)?.count ?? 0)
    },
  }
}
