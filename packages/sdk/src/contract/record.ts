import { z } from 'zod'

/** 1..200 printable characters; `/` is one of them. */
export const Id = z.string().regex(/^\P{C}{1,200}$/u, 'needs 1 to 200 printable characters')

/** RFC 3339 with an offset. */
export const Time = z.iso.datetime({ offset: true, error: 'needs an RFC 3339 time with an offset' })

/** A thing some product knows. `label` and `url` are for display only. */
export const Ref = z.looseObject({
  product: Id,
  kind: Id,
  id: Id,
  label: z.string().optional(),
  url: z.string().optional(),
})
export type Ref = z.infer<typeof Ref>

export const Link = z.looseObject({
  from: Ref,
  to: Ref,
  relation: z.string(),
  strength: z.unknown().optional(),
})
export type Link = z.infer<typeof Link>

export const Producer = z.looseObject({ id: Id, product: Id, runId: Id.optional() })
export type Producer = z.infer<typeof Producer>

const Scope = z.looseObject({ kind: Id, id: Id })
const Who = z.looseObject({ kind: Id, id: Id })
const Fields = z.record(z.string(), z.unknown())

const envelope = { version: z.string().regex(/^\d+\.\d+$/), tenant_id: z.string().optional() }

/** What happened to one subject. */
export const EventRecord = z.looseObject({
  ...envelope,
  schema: z.literal('console.event'),
  id: Id,
  type: Id,
  occurredAt: Time,
  producer: Producer,
  scope: Scope,
  subject: Ref,
  payload: z.looseObject({
    before: Fields.optional(),
    after: Fields.optional(),
    patch: z.unknown().optional(),
    summary: z.string().optional(),
    reason: z.string().optional(),
    refs: z.array(Ref).optional(),
    links: z.array(Link).optional(),
    data: z.unknown().optional(),
    actions: z.array(z.looseObject({ id: Id })).optional(),
  }),
  observedAt: Time.optional(),
  actor: Who.optional(),
  correlationId: Id.optional(),
  causationId: Id.optional(),
  sequence: z.number().int().nonnegative().optional(),
  links: z.array(Link).optional(),
})
export type EventRecord = z.infer<typeof EventRecord>

const Projected = z.array(z.looseObject({ id: Id }))

/** The arrays of the state, in the order they are shown. */
export const arrays = [
  'processes',
  'gates',
  'claims',
  'reviewItems',
  'decisions',
  'actions',
  'exceptions',
  'evidence',
  'inquiries',
  'learnings',
  'pipelines',
] as const
export type ArrayName = (typeof arrays)[number]

const projectedArrays = Object.fromEntries(arrays.map((name) => [name, Projected.optional()])) as Record<
  ArrayName,
  z.ZodOptional<typeof Projected>
>

/** A producer's own view of what is, as of the last event it took in. */
export const ProjectionRecord = z.looseObject({
  ...envelope,
  schema: z.literal('console.projection'),
  id: Id.optional(),
  generatedAt: Time,
  producer: Producer,
  scope: Scope,
  derivedFrom: z.looseObject({
    mode: Id,
    lastAcceptedEventId: Id.optional(),
    lastComparableSequence: z
      .looseObject({ producerId: Id, streamId: Id, sequence: z.number().int().nonnegative() })
      .optional(),
  }),
  ...projectedArrays,
})
export type ProjectionRecord = z.infer<typeof ProjectionRecord>

/** Who works on what, until when. */
export const LivenessRecord = z.looseObject({
  ...envelope,
  schema: z.literal('console.liveness'),
  producer: Producer.optional(),
  subjectId: Id,
  actor: Id,
  at: Time,
  type: z.enum(['claim', 'heartbeat', 'release']).default('claim'),
  ttlSeconds: z.number().int().min(1).max(86_400).default(1_800),
})
export type LivenessRecord = z.infer<typeof LivenessRecord>

const Count = z.number().int().nonnegative()
const Amount = z.number().nonnegative()

/** What one run cost beside what it found. Immutable. */
export const EconomicsRecord = z.looseObject({
  ...envelope,
  schema: z.literal('console.economics'),
  producer: Producer.optional(),
  run_id: Id,
  at: Time.optional(),
  task_slug: Id.optional(),
  model_tier: z.enum(['small', 'large']).optional(),
  kit_condition: z.enum(['bare', '+kit']).optional(),
  acceptance_label: z.enum(['accepted', 'rejected']).optional(),
  cost: z.looseObject({
    input_tokens: Count,
    output_tokens: Count,
    cache_creation_input_tokens: Count,
    cache_read_input_tokens: Count,
    estimated_cost_usd: Amount.nullable(),
    by_model: z.array(z.looseObject({ model: Id, estimated_cost_usd: Amount.nullable() })),
  }),
  time: z.looseObject({ wall_clock_s: Amount, human_wait_s: Amount }),
  iterations: z.looseObject({ count: Count, route_backs: Count }),
  defects: z.looseObject({
    gate_fires: Count,
    findings_by_severity: z.looseObject({ critical: Count, high: Count, medium: Count, low: Count }),
    caught_false_completions: Count,
    verification_verdict: z.enum(['PASS', 'FAIL', 'NOT_VERIFIED']),
  }),
  delegations: z
    .array(
      z.looseObject({
        role: Id.optional(),
        resolved_model: Id.optional(),
        outcome: z.enum(['accepted', 'rework', 'diverged', 'failed', 'unavailable']),
      }),
    )
    .optional(),
})
export type EconomicsRecord = z.infer<typeof EconomicsRecord>

/** The record schemas by name. Version "0.1"; another 0.x is taken with a warning. */
export const recordSchemas = {
  'console.event': EventRecord,
  'console.projection': ProjectionRecord,
  'console.liveness': LivenessRecord,
  'console.economics': EconomicsRecord,
} as const
export type RecordSchema = keyof typeof recordSchemas

/** `accepted`: stored now. `duplicate`: known with the same content. `conflict`: known with other. `rejected`: not taken. */
export const Receipt = z.object({
  id: z.string().nullable(),
  status: z.enum(['accepted', 'duplicate', 'conflict', 'rejected']),
  position: z.number().int().optional(),
  receivedAt: z.string().optional(),
  code: z.string().optional(),
  issues: z
    .array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }))
    .optional(),
  warnings: z.array(z.string()).optional(),
})
export type Receipt = z.infer<typeof Receipt>

/** One receipt for a lone object; for an array or NDJSON all of them in the order sent. */
export const AppendAnswer = z.union([
  z.object({
    receipts: z.array(Receipt),
    counts: z.object({
      accepted: z.number(),
      duplicate: z.number(),
      conflict: z.number(),
      rejected: z.number(),
    }),
  }),
  Receipt,
])
export type AppendAnswer = z.infer<typeof AppendAnswer>

/** How far a record's word can be trusted: set by the credential, never by the record. */
export const Tier = z.enum(['unbound', 'own', 'independent'])
export type Tier = z.infer<typeof Tier>
