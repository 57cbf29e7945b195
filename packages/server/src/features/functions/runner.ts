import type { CallerInfo } from '@quarterdeck/sdk/functions/context'
import type { HttpAnswer } from '@quarterdeck/sdk/functions/http'
import type { Query } from '../../ports/tables.ts'

/** What a function gave: a result as JSON (absent: undefined), or an answer of its own. */
export type Answer = { readonly result?: unknown } | { readonly http: HttpAnswer }

/** Hears what a run read, so that somebody knows when it would give something else. */
export interface ReadNotes {
  /** A row by its id, found or not. */
  row(table: string, id: string): void
  /** Rows that meet conditions, of one owner or of all. A listing in insertion order is `{}`. */
  rows(table: string, where: NonNullable<Query['where']>, owner: string | null): void
  /** The run asked who calls, or read a table where rows are own: its result holds for this principal alone. */
  personal(): void
}

/** A call as it is recorded, without its arguments. */
export interface CallRecord {
  readonly tenant: string
  readonly fn: string
  readonly hash: string
  /** Unix ms when it began. */
  readonly at: number
  readonly ms: number
  readonly outcome: 'ok' | 'refused' | 'failed' | 'conflict' | 'timeout' | 'overloaded'
  readonly code: string | null
  readonly principal: string
  readonly number: number | null
  readonly traceId: string | null
  readonly requestId: string
}

/** Runs functions of the app; each way in ends here. Faults are those of the contract. */
export interface Runner {
  /** A call with everything around it: rights, repeats, middleware, places, attempts, deadline. */
  call(asked: {
    readonly fn: string
    readonly args: readonly unknown[]
    readonly caller: CallerInfo
    readonly requestId: string
    readonly signal: AbortSignal
    readonly sessionId?: string
    readonly idempotencyKey?: string
    /** What the caller waits, ms. */
    readonly deadlineMs?: number
    readonly traceId?: string
    /** By hand, as of the past; of a function that does not write. */
    readonly asOf?: number | Date
  }): Promise<{ readonly answer: Answer; readonly number: number | null }>
  /**
   * One run of a function that does not write at the newest snapshot, without middleware, record and place: of a live
   * query. Rights on the function were checked; those on tables hold here as ever.
   */
  look(asked: {
    readonly fn: string
    readonly args: readonly unknown[]
    readonly caller: CallerInfo
    readonly notes: ReadNotes
    readonly signal: AbortSignal
  }): Promise<{ readonly answer: Answer; readonly number: number }>
  /** An internal function as the platform itself, once under a sid: of a schedule. False when it was done already. */
  tick(asked: {
    readonly fn: string
    readonly tenant: string
    readonly sid: string
    readonly signal: AbortSignal
  }): Promise<boolean>
}
