import {
  type Commit,
  DocumentInvalid,
  type Outcome,
  type Row,
  type Tables,
  TablesLost,
} from '../ports/tables.ts'
import type { Waker } from './follow.ts'
import type { Write } from './tables-buffer.ts'
import { changesKey, followCommits } from './tables-changes.ts'
import { checkStorable } from './tables-document.ts'
import type { Page } from './tables-page.ts'
import { indexesOf, missingIndexes, type TableIndex } from './tables-shape.ts'
import type { FieldTest } from './tables-tests.ts'
import { beginTx } from './tables-tx.ts'

/** What a query read: rows of a table that meet the tests, none left out; it must be as it was before `current`. */
export interface FilterRead {
  readonly table: string
  readonly tests: readonly FieldTest[]
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
}

/** A table with the indexes that it must have. */
export interface DeclaredTable {
  readonly name: string
  readonly indexes: readonly TableIndex[]
}

/** What an engine must do for `tables`; its arguments are checked. */
export interface TablesEngine {
  /** The tenant's last commit and, of the same moment, a row. */
  first(
    tenant: string,
    wanted: { readonly table: string; readonly id: string } | null,
  ): Promise<{ last: number; row: Row | null }>
  /** The version of a row that a snapshot sees. */
  row(tenant: string, table: string, id: string, last: number): Promise<Row | null>
  /** The versions of rows that a snapshot sees, in any order. */
  rows(tenant: string, table: string, ids: readonly string[], last: number): Promise<readonly Row[]>
  /** The declared indexes of a table; asks the store `anew`, or may answer what it knows. */
  indexes(tenant: string, table: string, anew: boolean): Promise<readonly TableIndex[]>
  /** Rows that a snapshot sees in the order of the page, with its last commit; null: the snapshot of this moment. */
  page(
    tenant: string,
    table: string,
    page: Page,
    last: number | null,
  ): Promise<{ last: number; rows: readonly Row[] }>
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

  function checkTenant(tenant: string) {
    if (tenant === '') throw new DocumentInvalid('a tenant has a name')
    checkStorable(tenant, 'a tenant')
  }

  async function commit(request: CommitRequest): Promise<Outcome> {
    const outcome = await ask(() => engine.commit(request))
    if (outcome.state !== 'aborted') {
      waker.wake(changesKey(request.tenant))
      needs.grew?.(request.tenant)
    }
    return outcome
  }

  return {
    begin({ tenant, isolation }) {
      checkTenant(tenant)
      return beginTx({ ...needs, ask, commit, tenant, isolation: isolation ?? 'snapshot' })
    },
    async prepare(tenant, tables) {
      checkTenant(tenant)
      const wanted = tables.map((shape) => ({ name: shape.name, indexes: indexesOf(shape) }))
      const missing: DeclaredTable[] = []
      for (const table of wanted) {
        const there = await ask(() => engine.indexes(tenant, table.name, true))
        if (missingIndexes(table.indexes, there).length > 0) missing.push(table)
      }
      if (missing.length > 0) await ask(() => engine.prepare(tenant, missing))
    },
    async *changes(tenant, after, signal) {
      checkTenant(tenant)
      if (!Number.isSafeInteger(after) || after < 0) throw new DocumentInvalid('a commit has no such number')
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
