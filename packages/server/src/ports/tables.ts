/** A JSON value: no U+0000, no lone surrogate, no number that is not finite; -0 is 0. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type Isolation = 'snapshot' | 'serializable'

/**
 * A document as read: its row owner, the number of the commit that wrote it, and its place in insertion order. As the
 * transaction's own write it has the number next after the snapshot, and a new one the place it would take then.
 */
export interface Row {
  readonly id: string
  readonly data: Json
  readonly owner: string
  readonly txid: number
  readonly order: number
}

/** What stands in a commit's own row: who and what it was, and what makes a repeat answer the same. */
export interface CommitMeta {
  readonly principal?: string
  readonly function?: string
  /** Of the function's code. */
  readonly hash?: string
  /** Of the arguments; a repeat under the same key is held against it. */
  readonly request?: string
  /** Commits once in a tenant. With it the commit is stored, and numbered, even if nothing was written. */
  readonly idempotency?: string
  /** The answer, for repeats. */
  readonly result?: Json
  /** The bits that tables must permit at the moment of the commit: of each that was read or written. */
  readonly bits?: Readonly<Record<string, number>>
  /** A step of the app's migrations, done by this commit; a second commit of it is aborted as a conflict. */
  readonly migration?: { readonly id: string; readonly checksum: string }
}

/** What a commit left for repeats: the digest of its arguments, and its answer, null when there was none. */
export interface Remembered {
  readonly number: number
  readonly at: Date
  readonly request: string | null
  readonly result: Json
}

/**
 * `unknown`: the engine was lost while committing; nobody can say yet. Never one for another. `conflict` names a row that
 * was written since the snapshot, `unique` the row that would have stood where another does, `forbidden` a table that
 * does not permit it any more. `repeated`: another commit stands under this idempotency key, and this one did nothing.
 */
export type Outcome =
  | {
      readonly state: 'committed'
      readonly number: number | null
      readonly at: Date
      readonly repeated?: Remembered
    }
  | {
      readonly state: 'aborted'
      readonly why: 'conflict' | 'unique' | 'forbidden'
      readonly table?: string
      readonly id?: string
    }
  | { readonly state: 'unknown' }

/**
 * A table as its owner declares it: at most 16 indexes, each a list of 1 to 4 fields, a field a path of keys parted by
 * dots, at most 200 characters. Documents without a field, or with null, a list or an object in it, are in the index too,
 * but never clash in a unique one.
 */
export interface TableShape {
  readonly name: string
  readonly indexes: readonly { readonly fields: readonly string[]; readonly unique?: true }[]
  /** Rows are asked for by their owner; an index stands ready for it. */
  readonly owned?: true
  /** Rows are asked for in insertion order; an index stands ready for it. */
  readonly listed?: true
  /** What a table permits when it is made; 7 unless said. */
  readonly permissions?: number
}

/**
 * A value that can be compared: null < false < true < numbers < strings by code point. What is absent counts as null;
 * lists and objects stand behind all strings, equal to each other and to no scalar.
 */
export type Scalar = null | boolean | number | string

/** How one field must be; a bare scalar means `eq`. */
export interface Condition {
  readonly eq?: Scalar
  readonly ne?: Scalar
  readonly gt?: Scalar
  readonly gte?: Scalar
  readonly lt?: Scalar
  readonly lte?: Scalar
  /** At most 100. */
  readonly in?: readonly Scalar[]
  readonly prefix?: string
}

/**
 * Rows that meet all conditions: equalities on the first fields of a declared index, then at most one range (`gt`, `gte`,
 * `lt`, `lte`, `prefix`, `in`) on its next field, and any further conditions as a filter; ordered by the rest of that
 * index, then by id. `orderBy` names a field of the index up to that next one; `desc` turns the whole order round, ids
 * too. Without conditions: by id, or by a declared index that begins with `orderBy`. Of several indexes that serve, the
 * one with most equalities is taken, then one with a range, then one with fewest fields.
 */
export interface Query {
  readonly where?: Readonly<Record<string, Scalar | Condition>>
  readonly orderBy?: { readonly field: string; readonly direction?: 'asc' | 'desc' }
  /** Only rows of this owner. */
  readonly owner?: string
  /** In insertion order, or the reverse, instead of an index's; then neither `where` nor `orderBy` is given. */
  readonly listed?: 'asc' | 'desc'
  /** Fields that may neither find nor order: indexes that hold one, what is in it or what it is in do not serve. */
  readonly blind?: readonly string[]
  /** 1 to 1,000; 100 unless said. */
  readonly limit?: number
  /**
   * Where the page before ended; it fixes query, index and snapshot, not `limit`. A transaction that has no snapshot yet
   * takes that one; another reads this page alone at it, and then may write over nothing that was written since.
   */
  readonly cursor?: string
}

/** One commit of a tenant, and the rows that it touched; none when it changed what tables permit. */
export interface Commit {
  readonly number: number
  readonly touched: readonly {
    readonly table: string
    readonly id: string
    readonly type: 'insert' | 'update' | 'delete'
  }[]
}

/** When and by whom something was committed, as far as that is still kept. */
export interface Committed {
  readonly at: Date | null
  readonly principal: string | null
  readonly function: string | null
}

/** One version of a row: it held from the commit `txid` until `endedBy`, which deleted it or wrote the next one. */
export interface RowVersion extends Row, Committed {
  readonly endedBy: number | null
  /** The end of one that was deleted; null of every other. */
  readonly deleted: Committed | null
}

/**
 * Versioned documents in tables, per tenant. A tenant that begins with `_` holds the platform's own documents. A document
 * has at most 256 KiB as JSON, 128 levels and no key `__proto__`; an id 1..128 characters, none of them a control; a
 * table's name is `[a-z][a-z0-9_]{0,39}`.
 */
export interface Tables {
  /**
   * Opens a transaction. The first read fixes its snapshot; nothing is held open in the engine between reads. One that
   * never read has no snapshot that another could have overtaken, and is never refused. `at`: as of a commit's number, or
   * of the last commit by an instant; the first read throws `SnapshotAhead`, or `HistoryGone` when it was purged.
   */
  begin(options: {
    readonly tenant: string
    readonly isolation?: Isolation
    readonly at?: number | Date
    /** Its name, where the same act must commit only once; else a new one. */
    readonly sid?: string
  }): Tx
  /** What became of a transaction whose answer was lost. Once it says aborted, the lost one can never commit. */
  settle(tenant: string, sid: string): Promise<Outcome>
  /** What a commit under an idempotency key left; null when there is none. */
  recall(tenant: string, idempotency: string): Promise<Remembered | null>
  /**
   * Puts a transaction away under its sid, with its snapshot, reads and writes, for any process to go on with; it is over
   * here. False when another has put it away, committed or dropped it since this one resumed it: then nothing is stored.
   */
  suspend(
    tx: Tx,
    session: { readonly principal: string; readonly expiresAt: Date; readonly note?: Json },
  ): Promise<boolean>
  /** Goes on with one that was put away, with the note that was left; null when it is unknown, another principal's, or has expired. */
  resume(
    tenant: string,
    principal: string,
    sid: string,
  ): Promise<{ readonly tx: Tx; readonly begunAt: Date; readonly note: Json } | null>
  /** Drops one that was put away. False when there is none of this principal. */
  forget(tenant: string, principal: string, sid: string): Promise<boolean>
  /** How many a principal has put away that have not expired. */
  suspended(tenant: string, principal: string): Promise<number>
  /** What each table of a tenant permits. Tables that were never prepared nor written are not there. */
  permissions(tenant: string): Promise<ReadonlyMap<string, number>>
  /** Sets what a table permits, as a commit of its own that touches no row. Aborted as a conflict when there is no table. */
  restrict(tenant: string, table: string, permissions: number, meta?: CommitMeta): Promise<Outcome>
  /** The versions of a row, newest first; those that began before `before`, if given; at most `limit`. */
  versions(
    tenant: string,
    table: string,
    id: string,
    page: { readonly before?: number; readonly limit: number },
  ): Promise<readonly RowVersion[]>
  /** The steps of migrations that a tenant has, by id. */
  migrations(tenant: string): Promise<ReadonlyMap<string, string>>
  /**
   * Purges what no snapshot of the last `historyMs` and no session sees: ended versions, then commits; keys and answers
   * after a day; sessions that expired. Answers how many versions went.
   */
  collect(options: { readonly now: Date; readonly historyMs: number }): Promise<{ readonly purged: number }>
  /** Takes in tables that were made by hand, so that they are served. Answers how many were new. */
  adopt(): Promise<number>
  /** Whether a document meets conditions, as a query would find. */
  meets(data: Json, where: NonNullable<Query['where']>): boolean
  /**
   * Declares a tenant's tables and makes their indexes, all or none; what is declared already is left as it is, and
   * nothing is ever taken back. It holds for every process that writes there. Throws `DocumentInvalid`, and `NotUnique`
   * when rows that are there clash in a unique index.
   */
  prepare(tenant: string, tables: readonly TableShape[]): Promise<void>
  /**
   * Yields a tenant's commits after `after` in order and without gaps, then each new one, within a second also when
   * another process made it, until aborted. It rides out an engine that is away, and throws `TablesLost` when five reads
   * in a row, a second apart, found it so, or the handle is closed; and `HistoryGone` when commits after `after` were
   * purged, or passed over by tables that were taken in: whoever followed cannot know what they touched.
   */
  changes(tenant: string, after: number, signal: AbortSignal): AsyncIterable<Commit>
  /** Throws when the engine is away. */
  check(): Promise<void>
  close(): Promise<void>
}

/**
 * One transaction: reads at its snapshot with its own writes laid over them. `serializable` is also refused when an id
 * that it read, found or not, has been written since, or any row that meets the conditions of a query, before or after,
 * beyond its page too. Reads throw `TablesLost`, and all but `abort` throw `TxClosed`.
 */
export interface Tx {
  /** Names the transaction for its whole life and for `settle`. */
  readonly sid: string
  /** The number of the last commit it sees; 0 before any. */
  snapshot(): Promise<number>
  get(table: string, id: string): Promise<Row | null>
  /** The rows of these ids that there are, at most 1,000, in any order. */
  getAll(table: string, ids: readonly string[]): Promise<readonly Row[]>
  /**
   * Own writes are laid over. Throws `IndexRequired` when no declared index serves it, `CursorInvalid`, and
   * `DocumentInvalid` for what is no query.
   */
  query(table: string, query: Query): Promise<{ readonly rows: readonly Row[]; readonly cursor?: string }>
  /**
   * Writes the whole document; `id` null appends under a new id. Answers the id. A row that is there keeps its owner
   * and its order; one deleted before, in the same transaction too, is a new row. Throws `DocumentInvalid`.
   */
  set(table: string, id: string | null, data: Json, owner: string): string
  /** Deletes the row if there is one. Throws `DocumentInvalid`. */
  delete(table: string, id: string): void
  /**
   * First committer wins. Without writes and key nothing is stored and `number` is null; `bits` are not asked then. Throws
   * `TablesLost` when nothing was sent.
   */
  commit(meta?: CommitMeta): Promise<Outcome>
  /** Drops what was buffered; nothing happens after a commit. */
  abort(): void
}

/** The engine is away; nothing was written. A loss during commit is the outcome `unknown` instead. */
export class TablesLost extends Error {
  override readonly name = 'TablesLost'
}

/** A document, an id, a name, a declaration or a query that no engine takes. */
export class DocumentInvalid extends Error {
  override readonly name = 'DocumentInvalid'
}

/** The transaction was committed or aborted already. */
export class TxClosed extends Error {
  override readonly name = 'TxClosed'
}

/** No declared index serves the query. */
export class IndexRequired extends Error {
  override readonly name = 'IndexRequired'
}

/** The cursor is none of ours, or of another query. */
export class CursorInvalid extends Error {
  override readonly name = 'CursorInvalid'
}

/** Rows that are there clash in an index that is declared unique. */
export class NotUnique extends Error {
  override readonly name = 'NotUnique'
}

/** The snapshot asked for lies after the last commit. */
export class SnapshotAhead extends Error {
  override readonly name = 'SnapshotAhead'
}

/** The snapshot asked for lies before what the history keeps. */
export class HistoryGone extends Error {
  override readonly name = 'HistoryGone'
}
