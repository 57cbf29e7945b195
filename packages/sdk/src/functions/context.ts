import type { z } from 'zod'
import type { ActorClass } from '../actor.ts'
import type { FunctionDefinition } from './backend.ts'
import type { TableDefinition } from './table.ts'

/** Who calls, as a function sees it. */
export interface CallerInfo {
  readonly tenant: string
  readonly principal: string
  readonly groups: readonly string[]
  readonly class: ActorClass
}

export type Comparable = null | boolean | number | string

/** How one field must be; a bare value means `eq`. */
export interface Where {
  readonly eq?: Comparable
  readonly ne?: Comparable
  readonly gt?: Comparable
  readonly gte?: Comparable
  readonly lt?: Comparable
  readonly lte?: Comparable
  /** At most 100. */
  readonly in?: readonly Comparable[]
  readonly prefix?: string
}

export interface TableQuery<Doc> {
  /** Fields, or paths of keys parted by dots. All must hold. */
  readonly where?: { readonly [Field in keyof Doc & string]?: Comparable | Where } & Readonly<
    Record<string, Comparable | Where>
  >
  /** A field of the index that serves; `field` alone ascends. */
  readonly orderBy?: string | { readonly field: string; readonly direction?: 'asc' | 'desc' }
  /** 1 to 1,000; 100 unless said. */
  readonly limit?: number
  /** Pins query and snapshot. */
  readonly cursor?: string
}

/** A document as read. */
export type Stored<Doc> = { readonly id: string } & Doc

/** A table as a function uses it, within the call's one transaction. */
export interface TableHandle<Doc, Given = Doc> {
  get(id: string): Promise<Stored<Doc> | null>
  /** Writes the whole document under an id. */
  set(id: string, doc: Given): Promise<void>
  /** Changes some fields of a document that is there; `not_found` else. `undefined` takes a field away. */
  update(id: string, fields: Partial<Given>): Promise<Stored<Doc>>
  /** Whether there was one. */
  delete(id: string): Promise<boolean>
  /** Appends under a new id, and answers it. */
  push(doc: Given): Promise<string>
  /** Takes the last row in insertion order away, or the first. */
  pop(): Promise<Stored<Doc> | null>
  shift(): Promise<Stored<Doc> | null>
  query(query?: TableQuery<Doc>): Promise<{ readonly rows: Stored<Doc>[]; readonly cursor?: string }>
  /** Every row in order of id, page by page. */
  [Symbol.asyncIterator](): AsyncIterator<Stored<Doc>>
}

/** The readable part of a table: the past cannot be written. */
export type PastTable<Doc> = Pick<TableHandle<Doc>, 'get' | 'query'> & AsyncIterable<Stored<Doc>>

/** Opened by an app with one line that says `tables: typeof import('./tables.ts')`; see `Register` of the functions entry. */
export type TablesOf<Module> = {
  readonly [Key in keyof Module as Module[Key] extends TableDefinition<infer Name>
    ? Name
    : never]: Module[Key] extends TableDefinition<string, infer Schema>
    ? TableHandle<z.output<Schema>, z.input<Schema>>
    : never
}
export type PastOf<Tables> = {
  readonly [Name in keyof Tables]: Tables[Name] extends TableHandle<infer Doc, infer _>
    ? PastTable<Doc>
    : never
}

/** Values for a while, of this tenant, shared by all processes. */
export interface Cache {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown, options?: { readonly ttlMs?: number }): Promise<void>
  delete(key: string): Promise<void>
}

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** What a handler works with. It may run more than once: effects outside belong in `after`. */
export interface ContextOf<Tables> {
  readonly actor: CallerInfo
  readonly tables: Tables & {
    /** The past: a commit's number, or an instant. Ahead is `invalid`, purged `history_gone`. */
    at(when: number | Date): PastOf<Tables>
  }
  readonly cache: Cache
  /** Another function within this transaction; its bits are asked again unless it is internal. */
  call<Args extends readonly unknown[], Output>(
    fn: FunctionDefinition<Args, Output>,
    ...args: Args
  ): Promise<Output>
  /** Run after the commit, best effort. */
  after(run: () => unknown): void
  /** Aborted when the deadline is over or the caller is gone. */
  readonly signal: AbortSignal
  readonly log: Log
  /** The time that this call began; the same in every read of it. */
  now(): Date
  /** A new UUIDv7. */
  id(): string
}
