import { z } from 'zod'
import { type ArrayName, arrays, Tier } from './record.ts'

/** Where an object's fields come from. */
export const Provenance = z.object({
  from: z.enum(['event', 'projection', 'both']),
  producer: z.object({ id: z.string(), product: z.string() }),
  position: z.number().int(),
  tier: Tier,
})
export type Provenance = z.infer<typeof Provenance>

/** One object of the state: the producer's fields, its product and id, and its provenance. */
export const StateObject = z.looseObject({
  product: z.string(),
  id: z.string(),
  status: z.string().optional(),
  provenance: Provenance,
})
export type StateObject = z.infer<typeof StateObject>

/** Something a person should look at, why, and since when. */
export const NeedsYou = z.object({
  kind: z.string(),
  product: z.string(),
  id: z.string(),
  label: z.string().optional(),
  why: z.string(),
  since: z.string(),
})
export type NeedsYou = z.infer<typeof NeedsYou>

/** A record as lists show it. */
export const RecordSummary = z.object({
  position: z.number().int(),
  id: z.string(),
  receivedAt: z.string(),
  occurredAt: z.string(),
  schema: z.string(),
  type: z.string(),
  producer: z.string(),
  product: z.string(),
  subject: z.string().nullable(),
  tier: Tier,
  summary: z.string().optional(),
})
export type RecordSummary = z.infer<typeof RecordSummary>

export const Working = z.object({
  actor: z.string(),
  subjectId: z.string(),
  at: z.string(),
  ttlSeconds: z.number(),
  state: z.enum(['fresh', 'reclaimable']),
})
export type Working = z.infer<typeof Working>

const Counts = z.object({ total: z.number().int(), byStatus: z.record(z.string(), z.number().int()) })

const stateArrays = Object.fromEntries(arrays.map((name) => [name, z.array(StateObject)])) as Record<
  ArrayName,
  z.ZodArray<typeof StateObject>
>

/** Everything the records say, as of one position. Counts are exact; arrays are cut at 1,000 and named in `truncated`. */
export const OperatingState = z.object({
  position: z.number().int(),
  at: z.string().nullable(),
  counts: z.record(z.string(), Counts),
  currentStage: z.string().nullable(),
  needsYou: z.array(NeedsYou),
  ...stateArrays,
  truncated: z.array(z.string()),
  actors: z.array(Working).nullable(),
  reclaimableActors: z.array(Working).nullable(),
  projections: z.array(
    z.object({
      product: z.string(),
      producer: z.string(),
      scope: z.object({ kind: z.string(), id: z.string() }),
      generatedAt: z.string(),
      asOf: z.number().int(),
      position: z.number().int(),
    }),
  ),
  timeline: z.array(RecordSummary),
})
export type OperatingState = z.infer<typeof OperatingState>
