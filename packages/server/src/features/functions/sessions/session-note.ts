import { z } from 'zod'
import type { Isolation, Json } from '../../../ports/tables.ts'
import { UsageState } from '../tables/usage.ts'

const JsonValue = z.json() as z.ZodType<Json>

/** What goes with a session from call to call, beside its snapshot and writes. */
export const SessionNote = z.object({
  isolation: z.enum(['snapshot', 'serializable']),
  usage: UsageState,
  /** Answers of its calls under their keys, with the digests of their arguments. */
  answers: z.record(z.string(), z.object({ request: z.string(), result: JsonValue })),
})
export type SessionNote = z.output<typeof SessionNote>

/** Of a session in which nothing was called yet. */
export function emptyNote(isolation: Isolation): SessionNote {
  return { isolation, usage: { bits: {}, rows: 0, sizes: [] }, answers: {} }
}
