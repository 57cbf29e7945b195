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

/** `unknown`: the engine was lost while committing; nobody can say yet. Never one for another. */
export type Outcome =
  | { readonly state: 'committed'; readonly number: number | null; readonly at: Date }
  | {
      readonly state: 'aborted'
      readonly why: 'conflict'
      readonly table?: string
      readonly id?: string
    }
  | { readonly state: 'unknown' }

/**
 * Versioned documents in tables, per tenant. A tenant that begins with `_` holds the platform's own documents. A document
 * has at most 256 KiB as JSON, 128 levels and no key `__proto__`; an id 1..128 characters, none of them a control; a
 * table's name is `[a-z][a-z0-9_]{0,39}`.
 */
export interface Tables {
  /**
   * Opens a transaction. The first read fixes its snapshot; nothing is held open in the engine between reads. One that
   * never read has no snapshot that another could have overtaken, and is never refused.
   */
  begin(options: { readonly tenant: string; readonly isolation?: Isolation }): Tx
  /** Throws when the engine is away. */
  check(): Promise<void>
  close(): Promise<void>
}

/**
 * One transaction: reads at its snapshot with its own writes laid over them. `serializable` is also refused when an id
 * that it read, found or not, has been written since. Reads throw `TablesLost`, and all but `abort` throw `TxClosed`.
 */
export interface Tx {
  /** Names the transaction for its whole life and for `settle`. */
  readonly sid: string
  /** The number of the last commit it sees; 0 before any. */
  snapshot(): Promise<number>
  get(table: string, id: string): Promise<Row | null>
  /**
   * Writes the whole document; `id` null appends under a new id. Answers the id. A row that is there keeps its owner
   * and its order; one deleted before, in the same transaction too, is a new row. Throws `DocumentInvalid`.
   */
  set(table: string, id: string | null, data: Json, owner: string): string
  /** Deletes the row if there is one. Throws `DocumentInvalid`. */
  delete(table: string, id: string): void
  /** First committer wins. Without writes nothing is stored and `number` is null. Throws `TablesLost` when nothing was sent. */
  commit(): Promise<Outcome>
  /** Drops what was buffered; nothing happens after a commit. */
  abort(): void
}

/** The engine is away; nothing was written. A loss during commit is the outcome `unknown` instead. */
export class TablesLost extends Error {
  override readonly name = 'TablesLost'
}

/** A document, an id or a table name that cannot be stored. */
export class DocumentInvalid extends Error {
  override readonly name = 'DocumentInvalid'
}

/** The transaction was committed or aborted already. */
export class TxClosed extends Error {
  override readonly name = 'TxClosed'
}
