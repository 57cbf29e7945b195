import type { Tx } from '../../../ports/tables.ts'
import { createUsage, type Usage } from '../tables/usage.ts'

/** A transaction that is begun when somebody first wants it: a call that uses no tables has none. */
export interface LateTx {
  get(): Tx
  /** What it has used so far. */
  usage(): Usage
  /** Whether it was begun. */
  isBegun(): boolean
  /** Ends it if it was begun. */
  abort(): void
}

/** Makes one of what begins it. */
export function createLateTx(begin: () => Tx, used?: Usage): LateTx {
  let tx: Tx | null = null
  let usage = used ?? null
  return {
    get() {
      tx ??= begin()
      return tx
    },
    usage() {
      usage ??= createUsage()
      return usage
    },
    isBegun: () => tx !== null,
    abort() {
      tx?.abort()
    },
  }
}
