/** A value with the number of its writing; the number changes with each write and is never used twice for a key. */
export interface Kept {
  readonly value: string
  readonly version: string
}

/**
 * A lease: while it holds, no other holder has one of the same name. `token` rises with each taking, also when the same
 * holder takes it again; the former lease is lost then.
 */
export interface Lease {
  readonly token: number
  /** Lets it run for `ttlMs` from now; false when it was lost or has run out. */
  renew(ttlMs: number): Promise<boolean>
  /** Gives it up; nothing happens when it was lost already. */
  release(): Promise<void>
}

/**
 * Small shared values by key (1..512 characters), up to 1 MiB of text; neither holds U+0000 or a lone surrogate. Times
 * to live are whole ms. Every method throws `KeepLost` when the engine is away or the handle closed, and `KeepInvalid`.
 */
export interface Keep {
  get(key: string): Promise<Kept | null>
  /** Writes whatever stands there. Without a ttl it stays. */
  put(key: string, value: string, ttlMs?: number): Promise<Kept>
  /** Writes only if the version there is `expected` (null: nothing there). Null: somebody was first. */
  compareAndSet(key: string, expected: string | null, value: string, ttlMs?: number): Promise<Kept | null>
  /**
   * Adds to a whole number (absent: 0) in one step; `ttlMs` counts from the value's making only. Answers the sum. Throws
   * `NotANumber`.
   */
  increment(key: string, by: number, ttlMs?: number): Promise<number>
  /** Removes it; with `expected` only in that version. Answers whether it was there. */
  delete(key: string, expected?: string): Promise<boolean>
  /** Live keys that begin with the prefix, by code point, after `after`, at most `limit`. */
  scan(
    prefix: string,
    limit: number,
    after?: string,
  ): Promise<readonly { readonly key: string; readonly value: string; readonly version: string }[]>
  /** Yields a key's value at once and within a second of a change (null: gone), until aborted. May skip to the newest. */
  watch(key: string, signal: AbortSignal): AsyncIterable<Kept | null>
  /** A lease, or null while another holds it. */
  lease(name: string, holder: string, ttlMs: number): Promise<Lease | null>
  /** Throws when the engine is away. */
  check(): Promise<void>
  close(): Promise<void>
}

/** The engine is away; whether a write took effect is not known. */
export class KeepLost extends Error {
  override readonly name = 'KeepLost'
}

/** A key, value, time or limit that no engine takes. */
export class KeepInvalid extends Error {
  override readonly name = 'KeepInvalid'
}

/** The value under the key is not a whole number, or the sum is beyond ±(2^53 - 1). */
export class NotANumber extends Error {
  override readonly name = 'NotANumber'
}
