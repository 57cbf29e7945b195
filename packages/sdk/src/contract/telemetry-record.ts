import { z } from 'zod'

const Name = z.string().min(1).max(200)

/** One measurement. Unknown fields are kept; scalars among them can be asked for under their dotted path. */
export const TelemetryRecord = z.looseObject({
  schema_version: Name,
  event_type: Name,
  session_id: Name,
  event_id: z.string().regex(/^\P{C}{1,200}$/u, 'needs 1 to 200 printable characters'),
  tenant_id: z.string().optional(),
  /** Unix milliseconds or RFC 3339; absent: when it was received. */
  timestamp: z.union([z.number(), z.iso.datetime({ offset: true })]).optional(),
  producer: z.looseObject({ id: Name, product: Name }).optional(),
  sequence: z.number().int().nonnegative().optional(),
  agent: z.looseObject({ name: z.string().optional(), runtime: z.string().optional() }).optional(),
  hook: z.looseObject({ turn_id: z.string().optional(), model: z.string().optional() }).optional(),
  context: z.looseObject({ project: z.string().optional() }).optional(),
  tool: z
    .looseObject({
      name: z.string().optional(),
      duration_ms: z.number().nonnegative().optional(),
      outcome: z.enum(['pass', 'fail', 'ambiguous']).optional(),
    })
    .optional(),
  usage: z
    .looseObject({
      input_tokens: z.number().int().nonnegative().optional(),
      output_tokens: z.number().int().nonnegative().optional(),
      estimated_cost_usd: z.number().nonnegative().nullable().optional(),
    })
    .optional(),
  trace_id: z.string().max(64).optional(),
  span_id: z.string().max(64).optional(),
  task_slug: z.string().max(200).optional(),
  outcome: z.enum(['pass', 'fail', 'ambiguous']).optional(),
  duration_ms: z.number().nonnegative().optional(),
})
export type TelemetryRecord = z.infer<typeof TelemetryRecord>
