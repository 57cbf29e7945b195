import type { CommitMeta, Isolation, Json, Outcome, RowVersion } from '../ports/tables.ts'
import type { Write } from './tables-buffer.ts'
import type { FilterRead } from './tables-over.ts'

/** All that a transaction is between two reads; JSON. */
export interface TxState {
  readonly sid: string
  readonly isolation: Isolation
  /** The last commit it sees; null before the first read. */
  readonly snapshot: number | null
  /** The oldest snapshot that a cursor led it to. */
  readonly oldest: number | null
  readonly writes: readonly Write[]
  /** Places given to new rows so far. */
  readonly places: number
  readonly reads: readonly { readonly table: string; readonly id: string }[]
  readonly filters: readonly FilterRead[]
  /** What whoever put it away left for whoever goes on with it. */
  readonly note?: Json
}

/** A transaction that was put away. */
export interface StoredSession {
  readonly tenant: string
  readonly principal: string
  readonly state: TxState
  /** Grows with each time it is put away, from 1. */
  readonly version: number
  readonly begunAt: number
  readonly expiresAt: number
}

/** What an engine keeps beside rows and commits; its arguments are checked. Times are Unix ms. */
export interface TablesKeeping {
  /** False unless the stored version is the one before; version 1 is new. */
  putAway(session: StoredSession): Promise<boolean>
  takeUp(tenant: string, principal: string, sid: string, now: number): Promise<StoredSession | null>
  drop(tenant: string, principal: string, sid: string, now: number): Promise<boolean>
  countSessions(tenant: string, principal: string, now: number): Promise<number>
  permissions(tenant: string): Promise<ReadonlyMap<string, number>>
  restrict(request: {
    readonly tenant: string
    readonly sid: string
    readonly table: string
    readonly permissions: number
    readonly at: number
    readonly meta: CommitMeta
  }): Promise<Outcome>
  versions(
    tenant: string,
    table: string,
    id: string,
    page: { readonly before: number | null; readonly limit: number },
  ): Promise<readonly RowVersion[]>
  migrations(tenant: string): Promise<ReadonlyMap<string, string>>
  collect(options: { readonly now: number; readonly historyMs: number }): Promise<{ readonly purged: number }>
  adopt(): Promise<number>
}
