import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Commit, Outcome, Row, Tables } from '../../ports/tables.ts'
import { createWaker, type Waker } from '../follow.ts'
import { groupCommit } from '../group-commit.ts'
import { readNumber } from '../read-number.ts'
import { type CommitRequest, type TablesEngine, tablesOver } from '../tables-over.ts'
import type { Page } from '../tables-page.ts'
import { meets } from '../tables-tests.ts'
import { isSqliteLost } from './open.ts'
import { type Prepared, prepared } from './prepared.ts'
import { commitOne } from './tables-commit.ts'
import { sqliteKeeping } from './tables-keeping.ts'
import { lastBy, recallCommit, settleOutcome } from './tables-outcomes.ts'
import { pageSql } from './tables-page.ts'
import { indexesAt, standingAt } from './tables-place.ts'
import { prepareAll } from './tables-prepare.ts'
import { commitsSql, lastSql, placeSql, rowSql } from './tables-sql.ts'

type Line = Readonly<Record<string, SQLOutputValue>>

function rowOf(line: Line): Row {
  return {
    id: String(line.id),
    data: JSON.parse(String(line.data)),
    owner: String(line._owner),
    txid: readNumber(line._txid),
    order: readNumber(line._order),
  }
}

function commitOf(line: Line): Commit {
  // What is stored was written by a commit of ours.
  return { number: readNumber(line.number), touched: JSON.parse(String(line.touched)) as Commit['touched'] }
}

type Answer = { readonly outcome: Outcome } | { readonly error: unknown }

/** Commits all in one transaction of the file. When one of them fails, each goes alone. */
function commitAll(db: DatabaseSync, sql: Prepared, requests: readonly CommitRequest[]): Answer[] {
  let sent = false
  try {
    db.exec('begin immediate')
    const answers = requests.map((request) => ({ outcome: commitOne(db, sql, request) }))
    sent = true
    db.exec('commit')
    return answers
  } catch (error) {
    const undone = !db.isOpen || db.isTransaction
    if (db.isOpen && db.isTransaction) db.exec('rollback')
    // The commit itself failed, and left nothing that could be rolled back: nobody can say.
    if (sent && !undone) return requests.map(() => ({ outcome: { state: 'unknown' } }))
    if (requests.length === 1 || isSqliteLost(error)) return requests.map(() => ({ error }))
    return requests.flatMap((request) => commitAll(db, sql, [request]))
  }
}

// One for all handles on a connection.
const wakers = new WeakMap<DatabaseSync, Waker>()

function wakerOf(db: DatabaseSync): Waker {
  const waker = wakers.get(db) ?? createWaker()
  wakers.set(db, waker)
  return waker
}

/**
 * `tables` in a SQLite file that `openSqlite` opened and migrated; closing it leaves the file open. Waiting commits share
 * one transaction.
 */
export function sqliteTables(needs: {
  readonly db: DatabaseSync
  readonly now: () => number
  readonly randomId: () => string
}): Tables {
  const { db } = needs
  const sql = prepared(db)
  const places = new Map<string, string>()

  function place(tenant: string, table: string): string | null {
    const key = `${table} ${tenant}`
    const known = places.get(key)
    if (known !== undefined) return known
    const found = sql.one(placeSql, tenant, table)
    if (found === undefined) return null
    places.set(key, String(found.ptr))
    return String(found.ptr)
  }
  function rowAt(tenant: string, table: string, id: string, last: number): Row | null {
    const ptr = place(tenant, table)
    const line = ptr === null ? undefined : sql.one(rowSql(ptr), last, id)
    return line === undefined ? null : rowOf(line)
  }
  function pageAt(tenant: string, table: string, page: Page, last: number): Row[] {
    const ptr = place(tenant, table)
    if (ptr === null) return []
    const without = new Set(page.without)
    const { text, values } = pageSql(ptr, page, last)
    const rows: Row[] = []
    for (const line of sql.each(text, ...values)) {
      const row = rowOf(line)
      if (!without.has(row.id) && meets(row.data, page.rest)) rows.push(row)
      if (rows.length >= page.limit) break
    }
    return rows
  }
  const lastOf = (tenant: string) => readNumber(sql.one(lastSql, tenant)?.last ?? 0)

  const line = groupCommit<CommitRequest, Answer>({
    commit: async (requests) => commitAll(db, sql, requests),
    weigh: (request) => request.writes.length,
    maxWeight: 2_000,
  })

  const engine: TablesEngine = {
    ...sqliteKeeping({ db, sql, now: needs.now }),
    async first(tenant, wanted) {
      // Last first: whatever is written to meanwhile, made tables too, has a higher number.
      const last = lastOf(tenant)
      return { last, row: wanted === null ? null : rowAt(tenant, wanted.table, wanted.id, last) }
    },
    row: async (tenant, table, id, last) => rowAt(tenant, table, id, last),
    async commit(request) {
      const answer = await line.submit(request)
      if ('error' in answer) throw answer.error
      return answer.outcome
    },
    async rows(tenant, table, ids, last) {
      const seen = last ?? lastOf(tenant)
      return { last: seen, rows: ids.flatMap((id) => rowAt(tenant, table, id, seen) ?? []) }
    },
    async moment(tenant, at) {
      const head = sql.one('select last, horizon from heads where owner = ?', tenant)
      const last = readNumber(head?.last ?? 0)
      const byThen = at === null ? last : lastBy(sql, tenant, last, at)
      return { last, horizon: readNumber(head?.horizon ?? 0), byThen }
    },
    settle: async (tenant, sid, at) => settleOutcome(db, sql, tenant, sid, at),
    recall: async (tenant, idempotency) => recallCommit(sql, tenant, idempotency),
    standing: async (tenant) => standingAt(sql, tenant),
    indexes: async (tenant, table) => indexesAt(sql, tenant, table),
    async page(tenant, table, page, last) {
      const seen = last ?? lastOf(tenant)
      return { last: seen, rows: pageAt(tenant, table, page, seen) }
    },
    async prepare(tenant, tables) {
      prepareAll(db, sql, tenant, tables)
    },
    commits: async (tenant, after) => sql.all(commitsSql, tenant, after).map(commitOf),
    async check() {
      sql.one(lastSql, '')
    },
    close: () => line.idle(),
  }
  return tablesOver({
    engine,
    now: needs.now,
    randomId: needs.randomId,
    isLost: isSqliteLost,
    waker: wakerOf(db),
    pollMs: 250,
  })
}
