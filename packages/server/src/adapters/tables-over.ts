import {
  type Commit,
  DocumentInvalid,
  type Outcome,
  type Remembered,
  type Row,
  type Tables,
  TablesLost,
} from '../ports/tables.ts'
import type { Waker } from './follow.ts'
import type { Write } from './tables-buffer.ts'
import { changesKey, followCommits } from './tables-changes.ts'
import { checkId, checkStorable, checkTable } from './tables-document.ts'
import type { TablesKeeping } from './tables-keeping.ts'
import { checkBits, type StoredMeta, storedMeta } from './tables-meta.ts'
import type { Page } from './tables-page.ts'
import { sessionsOver } from './tables-sessions.ts'
import {
  type DeclaredTable,
  declaredOf,
  type StandingTable,
  stands,
  type TableIndex,
} from './tables-shape.ts'
import { type FieldTest, meets, testsOf } from './tables-tests.ts'
import { beginTx, stateOf } from './tables-tx.ts'

/**
 * What a query read: rows of a table that meet the tests, of one owner or (null) of all, none left out; it must be as it
 * was before `current`.
 */
export interface FilterRead {
  readonly table: string
  readonly tests: readonly FieldTest[]
  readonly owner: string | null
  readonly current: number
}

/** A transaction as an engine commits it. */
export interface CommitRequest {
  readonly tenant: string
  readonly sid: string
  /** The snapshot's number + 1; null when nothing was read. */
  readonly current: number | null
  readonly writes: readonly Write[]
  /** Ids that were read and must not have been written since. */
  readonly reads: readonly { readonly table: string; readonly id: string }[]
  /** Filters that were read: no version that meets one may have begun or ended since. */
  readonly filters: readonly FilterRead[]
  /** The time of the commit, Unix ms. */
  readonly at: number
  readonly meta: StoredMeta
  /** Its stored version, where it was put away: the commit takes it from there. */
  readonly session: number | null
  /** Nothing is to be stored: only the session goes. */
  readonly isBare: boolean
}

/** Whether a transaction wrote or noted anything that others may have changed since its snapshot. */
export function isComparing({ writes, reads, filters }: CommitRequest): boolean {
  return writes.length > 0 || reads.length > 0 || filters.length > 0
}

/** What an engine must do for `tables`; its arguments are checked. */
export interface TablesEngine extends TablesKeeping {
  /**
   * The last commit, the oldest snapshot that can still be read, and the last commit made by an instant (Unix ms): 0 when
   * there was none yet, the last when no instant is given.
   */
  moment(tenant: string, at: number | null): Promise<{ last: number; horizon: number; byThen: number }>
  /** Under the head's lock: what the transaction became; one that is not there is made void, so that it cannot come. */
  settle(tenant: string, sid: string, at: number): Promise<Outcome>
  recall(tenant: string, idempotency: string): Promise<Remembered | null>
  /** The tenant's last commit and, of the same moment, a row. */
  first(
    tenant: string,
    wanted: { readonly table: string; readonly id: string } | null,
  ): Promise<{ last: number; row: Row | null }>
  /** The version of a row that a snapshot sees. */
  row(tenant: string, table: string, id: string, last: number): Promise<Row | null>
  /** The versions of rows that a snapshot sees, in any order, with its last commit; null: the snapshot of this moment. */
  rows(
    tenant: string,
    table: string,
    ids: readonly string[],
    last: number | null,
  ): Promise<{ last: number; rows: readonly Row[] }>
  /** The declared indexes of a table; asks the store `anew`, or may answer what it knows. */
  indexes(tenant: string, table: string, anew: boolean): Promise<readonly TableIndex[]>
  /** Rows that a snapshot sees in the order of the page, with its last commit; null: the snapshot of this moment. */
  page(
    tenant: string,
    table: string,
    page: Page,
    last: number | null,
  ): Promise<{ last: number; rows: readonly Row[] }>
  /** The tables that a tenant has, by name. */
  standing(tenant: string): Promise<ReadonlyMap<string, StandingTable>>
  /** Makes tables and indexes that are not there yet, all or none. Throws `NotUnique`. */
  prepare(tenant: string, tables: readonly DeclaredTable[]): Promise<void>
  /** At most 500 commits after a number, in order. */
  commits(tenant: string, after: number): Promise<readonly Commit[]>
  /** Rejects only when nothing was written. */
  commit(request: CommitRequest): Promise<Outcome>
  check(): Promise<void>
  close(): Promise<void>
}

/** `tables` over an engine: what all of them share, so that they cannot differ in it. */
export function tablesOver(needs: {
  readonly engine: TablesEngine
  readonly now: () => number
  readonly randomId: () => string
  /** Whether an error of the engine says that it is away. */
  readonly isLost: (error: unknown) => boolean
  /** Rouses who follows the commits of a tenant. */
  readonly waker: Waker
  /** How often followers look for commits of others, ms. */
  readonly pollMs: number
  /** Tells other processes of a commit. */
  readonly grew?: (tenant: string) => void
}): Tables {
  const { engine, waker } = needs
  let open = true

  async function ask<Result>(run: () => Promise<Result>): Promise<Result> {
    if (!open) throw new TablesLost('the handle is closed')
    try {
      return await run()
    } catch (error) {
      throw needs.isLost(error) ? new TablesLost('the engine is away', { cause: error }) : error
    }
  }

  function heard(tenant: string, outcome: Outcome): Outcome {
    if (outcome.state !== 'aborted') {
      waker.wake(changesKey(tenant))
      needs.grew?.(tenant)
    }
    return outcome
  }

  const begin = (
    from: Pick<Parameters<typeof beginTx>[0], 'tenant' | 'at' | 'sid' | 'isolation' | 'state' | 'session'>,
  ) =>
    beginTx({
      ...{ engine, ask, now: needs.now, randomId: needs.randomId },
      commit: async (request) => heard(request.tenant, await ask(() => engine.commit(request))),
      ...from,
    })
  const { began, ...sessions } = sessionsOver({ engine, ask, now: needs.now, begin, stateOf })

  return {
    begin({ tenant, isolation, at, sid }) {
      checkTenant(tenant)
      if (sid !== undefined) checkSid(sid)
      if (at !== undefined) checkMoment(at)
      return began(
        tenant,
        begin({
          ...{ tenant, isolation: isolation ?? 'snapshot' },
          ...(at === undefined ? {} : { at }),
          ...(sid === undefined ? {} : { sid }),
        }),
      )
    },
    async settle(tenant, sid) {
      checkTenant(tenant)
      checkSid(sid)
      return heard(tenant, await ask(() => engine.settle(tenant, sid, needs.now())))
    },
    async recall(tenant, idempotency) {
      checkTenant(tenant)
      const key = storedMeta({ idempotency }).idempotency ?? ''
      return ask(() => engine.recall(tenant, key))
    },
    ...sessions,
    async permissions(tenant) {
      checkTenant(tenant)
      return ask(() => engine.permissions(tenant))
    },
    async restrict(tenant, table, permissions, meta = {}) {
      checkTenant(tenant)
      checkTable(table)
      checkBits(permissions)
      storedMeta(meta)
      const request = { tenant, sid: needs.randomId(), table, permissions, at: needs.now(), meta }
      return heard(tenant, await ask(() => engine.restrict(request)))
    },
    async versions(tenant, table, id, { before, limit }) {
      checkTenant(tenant)
      checkTable(table)
      checkId(id)
      if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
        throw new DocumentInvalid('a limit is 1 to 1,000')
      }
      if (before !== undefined) checkNumber(before)
      return ask(() => engine.versions(tenant, table, id, { before: before ?? null, limit }))
    },
    async migrations(tenant) {
      checkTenant(tenant)
      return ask(() => engine.migrations(tenant))
    },
    collect: ({ now, historyMs }) => ask(() => engine.collect({ now: now.getTime(), historyMs })),
    adopt: () => ask(() => engine.adopt()),
    meets: (data, where) => meets(data, testsOf(where)),
    async prepare(tenant, tables) {
      checkTenant(tenant)
      const wanted = tables.map(declaredOf)
      if (wanted.length === 0) return
      const there = await ask(() => engine.standing(tenant))
      const missing = wanted.filter((table) => !stands(table, there.get(table.name)))
      if (missing.length > 0) await ask(() => engine.prepare(tenant, missing))
    },
    async *changes(tenant, after, signal) {
      checkTenant(tenant)
      checkNumber(after)
      yield* followCommits({
        tenant,
        after,
        signal,
        waker,
        pollMs: needs.pollMs,
        read: (number) => ask(() => engine.commits(tenant, number)),
        mayHeal: (error) => open && error instanceof TablesLost,
      })
    },
    check: () => ask(() => engine.check()),
    async close() {
      if (!open) return
      open = false
      waker.wakeAll()
      await engine.close()
    },
  }
}

function checkTenant(tenant: string): void {
  if (tenant === '') throw new DocumentInvalid('a tenant has a name')
  checkStorable(tenant, 'a tenant')
}

function checkSid(sid: string): void {
  if (sid.length < 1 || sid.length > 300) throw new DocumentInvalid('a sid has 1 to 300 characters')
  checkStorable(sid, 'a sid')
}

function checkNumber(number: number): void {
  if (!Number.isSafeInteger(number) || number < 0) throw new DocumentInvalid('a commit has no such number')
}

function checkMoment(at: number | Date): void {
  if (typeof at === 'number') checkNumber(at)
  else if (Number.isNaN(at.getTime())) throw new DocumentInvalid('an instant is none')
}
