import { fault } from '@quarterdeck/sdk/errors'
import { z } from 'zod'
import type { Json } from '../../../ports/tables.ts'

/** What a transaction has used so far, held against what one may. */
export interface Usage {
  /** Bits needed so far, by table: they are asked for again at the commit. */
  readonly bits: Readonly<Record<string, number>>
  need(table: string, bits: number): void
  /** Throws `transaction_too_large` beyond 10,000 rows. */
  read(rows: number): void
  /** Null deletes. Throws `transaction_too_large` beyond 1,000 rows written, or 4 MiB of documents. */
  write(table: string, id: string, doc: Json): void
  /** Whether anything was written. */
  wrote(): boolean
  /** For whoever goes on with the transaction. */
  state(): UsageState
}

export const UsageState = z.object({
  bits: z.record(z.string(), z.number()),
  rows: z.number(),
  /** Bytes by table and id. */
  sizes: z.array(z.tuple([z.string(), z.number()])),
})
export type UsageState = z.output<typeof UsageState>

const maxRows = 10_000
const maxWrites = 1_000
const maxBytes = 4 * 1024 * 1024
// A document has at most 256 KiB: so many of them need not be measured.
const unmeasured = 16

const sizeOf = (doc: Json) => (doc === null ? 0 : Buffer.byteLength(JSON.stringify(doc)))

/** Begins to count, where somebody else has left off if there is a state. `limited` false: nothing is too much. */
export function createUsage(limited = true, state?: UsageState): Usage {
  const bits: Record<string, number> = { ...state?.bits }
  const sizes = new Map<string, number>(state?.sizes)
  let waiting: Map<string, Json> | null = null
  let rows = state?.rows ?? 0
  let wrote = sizes.size > 0
  let bytes = state?.sizes.reduce((sum, [, size]) => sum + size, 0) ?? 0

  function measure(key: string, doc: Json): void {
    const size = sizeOf(doc)
    bytes += size - (sizes.get(key) ?? 0)
    sizes.set(key, size)
  }
  function measureWaiting(): void {
    if (waiting === null) return
    for (const [key, doc] of waiting) measure(key, doc)
    waiting = null
  }

  return {
    bits,
    need(table, more) {
      bits[table] = (bits[table] ?? 0) | more
    },
    read(count) {
      rows += count
      if (limited && rows > maxRows)
        throw fault('transaction_too_large', 'A transaction reads at most 10,000 rows')
    },
    write(table, id, doc) {
      wrote = true
      if (!limited) return
      const key = `${table} ${id}`
      if (sizes.size === 0 && (waiting === null || waiting.size < unmeasured)) {
        waiting ??= new Map()
        waiting.set(key, doc)
        return
      }
      measureWaiting()
      measure(key, doc)
      if (sizes.size > maxWrites)
        throw fault('transaction_too_large', 'A transaction writes at most 1,000 documents')
      if (bytes > maxBytes) throw fault('transaction_too_large', 'A transaction writes at most 4 MiB')
    },
    wrote: () => wrote,
    state() {
      measureWaiting()
      return { bits, rows, sizes: [...sizes] }
    },
  }
}
