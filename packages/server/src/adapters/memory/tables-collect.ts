import { currentOf, dayMs, sessionGraceMs } from '../tables-session-row.ts'
import type { Holding } from './tables-commit.ts'

/** The last commit before all that a snapshot of the history or a session must still see. */
function horizonOf(holding: Holding, until: number): number {
  const currents = [...holding.sessions.values()].map((session) => currentOf(session.state))
  const bound = Math.min(...currents.filter((current) => current > 0)) - 1
  let { horizon } = holding
  for (const { at, number } of holding.commits.values()) {
    if (at > until || number > bound) break
    horizon = Math.max(horizon, number)
  }
  return horizon
}

function purgeVersions(holding: Holding): number {
  let purged = 0
  for (const rows of holding.tables.values()) {
    for (const [id, versions] of rows) {
      const kept = versions.filter(({ deletedTxid }) => deletedTxid === null || deletedTxid > holding.horizon)
      purged += versions.length - kept.length
      if (kept.length === 0) rows.delete(id)
      else if (kept.length < versions.length) rows.set(id, kept)
    }
  }
  return purged
}

/** Purges what nobody can see any more of a tenant; answers how many versions went. */
export function collectHolding(
  holding: Holding,
  { now, historyMs }: { readonly now: number; readonly historyMs: number },
): number {
  const dayBefore = now - dayMs
  const until = now - historyMs
  for (const [sid, { expiresAt }] of holding.sessions) {
    if (expiresAt <= now - sessionGraceMs) holding.sessions.delete(sid)
  }
  for (const [sid, at] of holding.voids) if (at <= dayBefore) holding.voids.delete(sid)
  const horizon = horizonOf(holding, until)
  const isRaised = horizon > holding.horizon
  holding.horizon = horizon
  const purged = isRaised ? purgeVersions(holding) : 0
  for (const [sid, commit] of holding.commits) {
    if (commit.at > dayBefore) break
    if (commit.idempotency !== null) holding.keys.delete(commit.idempotency)
    if (commit.number < holding.horizon && commit.at <= until) holding.commits.delete(sid)
    else holding.commits.set(sid, { ...commit, idempotency: null, result: null })
  }
  return purged
}
