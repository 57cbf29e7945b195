/** A value of an indexed attribute. Times are Unix milliseconds. */
export type Scalar = string | number | boolean | null

/** What kind of column an attribute has. `integer` is exact to 2^53; `real` is a double. */
export type ColumnType = 'text' | 'integer' | 'real'

/**
 * What one log stores beside id, digest, times and payload. `columns` are attributes with a column of their own;
 * every other attribute of an entry is kept in one bag, if the log is `open` to them.
 */
export interface LogShape {
  readonly name: string
  /** The SQL table; files and keys use `name`. */
  readonly table: string
  readonly columns: Readonly<Record<string, { readonly type: ColumnType; readonly required?: true }>>
  readonly open: boolean
  /** Attributes (in order) that reads by position or time go through. */
  readonly indexes: readonly (readonly string[])[]
  /** A chained log: each entry carries the hash of the one before it. See `Seal`. */
  readonly chained: boolean
}

/** An entry to be stored. */
export interface Entry {
  /** Names it within its tenant and log: 1..300 characters. */
  readonly id: string
  /** 64 hex digits. The same id with the same digest is a duplicate, with another a conflict. */
  readonly digest: string
  /** When it happened, Unix ms. */
  readonly occurredAt: number
  /** When it reached us, Unix ms. */
  readonly receivedAt: number
  readonly attributes: Readonly<Record<string, Scalar>>
  /** A JSON object as text. Engines may reorder its keys; nothing else of it changes. */
  readonly payload: string
}

/** An entry as stored. Positions count from 1 per tenant, without holes at the time of writing. */
export interface Stored extends Entry {
  readonly tenant: string
  readonly position: number
  /** Only in a chained log: 64 hex digits each; the first `prevHash` is 64 zeros. */
  readonly prevHash?: string
  readonly hash?: string
}

/** What became of an entry. For a duplicate or conflict, position and time are those of the first. */
export interface Verdict {
  readonly status: 'accepted' | 'duplicate' | 'conflict'
  readonly position: number
  readonly receivedAt: number
}

/** Gives the hash of an entry of a chained log from all it holds, its position and the hash before it. */
export type Seal = (entry: Entry & { tenant: string; position: number; prevHash: string }) => string

/** Which entries are meant. Clauses are joined by AND, the values of one clause by OR. */
export interface Filter {
  /** occurredAt, from (included) to (excluded), Unix ms. */
  readonly from?: number
  readonly to?: number
  /** Positions after (excluded) and up to (included). */
  readonly after?: number
  readonly upTo?: number
  readonly where?: readonly Clause[]
  /** Text contained in any string value of the payload, case ignored. */
  readonly text?: string
}

/**
 * `in` matches any of the values by their text form (`3` matches the number 3); null in it matches entries without the
 * attribute. `includes` matches a text that contains it, case and all.
 */
export type Clause =
  | { readonly attribute: string; readonly in: readonly Scalar[] }
  | { readonly attribute: string; readonly includes: string }

export interface Query {
  readonly filter: Filter
  /** `position`, or `time`: occurredAt, then position. */
  readonly by: 'position' | 'time'
  readonly direction: 'asc' | 'desc'
  readonly limit: number
  /** Continue behind this entry, in the order asked for. */
  readonly behind?: { readonly occurredAt: number; readonly position: number }
}

/** What to compute over a group. Attributes that are absent are left out, as SQL leaves out null. */
export type Measure =
  | { readonly op: 'count'; readonly where?: readonly Clause[] }
  | {
      readonly op: 'sum' | 'min' | 'max' | 'distinct' | 'present'
      readonly attribute: string
      readonly where?: readonly Clause[]
    }
  /** Nearest rank: the smallest value with at least `p` (0..1) of the values at or below it. */
  | { readonly op: 'percentile'; readonly attribute: string; readonly p: number }

/** A dimension: an attribute, or time cut into buckets of `ms`. */
export type Dimension = string | { readonly bucket: number }

/** One grouping of an aggregate. Rows come by the first measure descending, then by key; at most `top` of them. */
export interface Grouping {
  readonly by: readonly Dimension[]
  readonly measures: Readonly<Record<string, Measure>>
  readonly top?: number
}

/** Key: one value per dimension in its text form (null: without the attribute); a bucket is its start, a number of Unix ms. */
export interface AggregateRow {
  readonly key: readonly Scalar[]
  readonly values: Readonly<Record<string, number | null>>
}

/** A saved fold: opaque text, as of a position. */
export interface Checkpoint {
  readonly position: number
  readonly state: string
}

/**
 * An append-only log per tenant. `append` resolves only when its entries are durable. Errors: `LogLost` when the engine
 * is away (nothing acknowledged), `TooSlow` when a query or aggregate outran its time.
 */
export interface Log {
  /** Appends each entry once by id, in the order given; one verdict per entry, in that order. Not atomic. */
  append(tenant: string, entries: readonly Entry[]): Promise<readonly Verdict[]>
  /** The newest position; 0 when empty. Asks the engine, so it sees other processes' appends. */
  head(tenant: string): Promise<number>
  /** The oldest position from which nothing but pruned classes of entries is missing; 1 before any pruning. */
  floor(tenant: string): Promise<number>
  get(tenant: string, id: string): Promise<Stored | null>
  /** Entries after a position, ascending, at most `limit`, up to `upTo` if given. */
  read(tenant: string, after: number, limit: number, upTo?: number): Promise<readonly Stored[]>
  /** Position of the last entry received at or before an instant (Unix ms); 0 if none. */
  positionAt(tenant: string, instant: number): Promise<number>
  /** Yields everything after a position, ascending, each once, and goes on as entries arrive, until aborted. */
  follow(tenant: string, after: number, signal: AbortSignal): AsyncIterable<readonly Stored[]>
  query(tenant: string, query: Query, timeoutMs: number): Promise<readonly Stored[]>
  /** One list of rows per grouping, in the order asked for. All groupings see the same entries. */
  aggregate(
    tenant: string,
    filter: Filter,
    groupings: readonly Grouping[],
    timeoutMs: number,
  ): Promise<readonly (readonly AggregateRow[])[]>
  /** Keeps a fold's state.. */
  saveCheckpoint(tenant: string, fold: string, source: string, checkpoint: Checkpoint): Promise<void>
  /** The newest checkpoint of a fold and source at or before a position. */
  loadCheckpoint(tenant: string, fold: string, source: string, upTo: number): Promise<Checkpoint | null>
  /** Removes entries received before an instant; with `where` only matching ones. Answers how many. */
  prune(tenant: string, before: number, where?: readonly Clause[]): Promise<number>
  /** Tenants with entries. */
  tenants(): Promise<readonly string[]>
  /** Throws when the engine is away or damaged; says so in a code of `/readyz`. */
  check(): Promise<void>
  close(): Promise<void>
}

/** The engine is away; what was asked is not acknowledged. */
export class LogLost extends Error {
  override readonly name = 'LogLost'
}

/** A query or aggregate outran its time; nothing partial is answered. */
export class TooSlow extends Error {
  override readonly name = 'TooSlow'
}

/** Stored bytes are damaged. They are left as they are. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged'
}
