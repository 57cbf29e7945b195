import type { Outcome } from '../../ports/tables.ts'
import type { TablesKeeping } from '../tables-keeping.ts'
import { collectHolding } from './tables-collect.ts'
import { type Holding, recall, type StoredCommit } from './tables-commit.ts'
import { versionsOf } from './tables-versions.ts'

function restrict(
  holding: Holding,
  { table, permissions, sid, meta, at: now }: Parameters<TablesKeeping['restrict']>[0],
): Outcome {
  const repeated = meta.idempotency === undefined ? null : recall(holding, meta.idempotency)
  if (repeated !== null) return { state: 'committed', number: repeated.number, at: repeated.at, repeated }
  if (!holding.permissions.has(table)) return { state: 'aborted', why: 'conflict', table }
  holding.permissions.set(table, permissions)
  holding.last += 1
  holding.at = Math.max(holding.at, now)
  const stored: StoredCommit = {
    number: holding.last,
    at: holding.at,
    touched: [],
    principal: meta.principal ?? null,
    function: meta.function ?? null,
    hash: meta.hash ?? null,
    request: meta.request ?? null,
    idempotency: meta.idempotency ?? null,
    result: meta.result === undefined ? null : JSON.stringify(meta.result),
  }
  holding.commits.set(sid, stored)
  if (stored.idempotency !== null) holding.keys.set(stored.idempotency, stored)
  return { state: 'committed', number: stored.number, at: new Date(stored.at) }
}

/** What stands in memory beside rows and commits. */
export function memoryKeeping(needs: {
  readonly holdingOf: (tenant: string) => Holding
  readonly holdings: () => Iterable<Holding>
}): TablesKeeping {
  const { holdingOf } = needs

  function alive(tenant: string, principal: string, sid: string, now: number) {
    const found = holdingOf(tenant).sessions.get(sid)
    return found?.principal === principal && found.expiresAt > now ? found : null
  }

  return {
    async putAway(session) {
      const { sessions } = holdingOf(session.tenant)
      const { sid } = session.state
      const there = sessions.get(sid)
      const isNext =
        session.version === 1
          ? there === undefined
          : there?.version === session.version - 1 && there.principal === session.principal
      // A copy, as an engine that keeps text would have.
      if (isNext) sessions.set(sid, structuredClone(session))
      return isNext
    },
    takeUp: async (tenant, principal, sid, now) => structuredClone(alive(tenant, principal, sid, now)),
    async drop(tenant, principal, sid, now) {
      if (alive(tenant, principal, sid, now) === null) return false
      return holdingOf(tenant).sessions.delete(sid)
    },
    async countSessions(tenant, principal, now) {
      const all = [...holdingOf(tenant).sessions.values()]
      return all.filter((one) => one.principal === principal && one.expiresAt > now).length
    },
    permissions: async (tenant) => new Map(holdingOf(tenant).permissions),
    restrict: async (request) => restrict(holdingOf(request.tenant), request),
    versions: async (tenant, table, id, page) => versionsOf(holdingOf(tenant), { table, id }, page),
    migrations: async (tenant) => new Map(holdingOf(tenant).migrations),
    async collect(options) {
      let purged = 0
      for (const holding of needs.holdings()) purged += collectHolding(holding, options)
      return { purged }
    },
    // Nobody makes tables in memory by hand.
    adopt: async () => 0,
  }
}
