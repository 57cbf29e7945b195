import { z } from 'zod'

const JsonSchema = z.record(z.string(), z.unknown())
/** A schema as JSON Schema, or why there is none. */
const Drawn = z.union([z.object({ schema: JsonSchema }), z.object({ wrong: z.string() })])

export const EvaluatedFunction = z.object({
  /** The name of its export. */
  name: z.string(),
  /** As they were written: checked by `checkFunction`. */
  options: z.record(z.string(), z.unknown()),
  args: z.array(Drawn),
  result: Drawn.nullable(),
})
export type EvaluatedFunction = z.infer<typeof EvaluatedFunction>

export const EvaluatedTable = z.object({
  name: z.string(),
  rows: z.unknown(),
  permissions: z.unknown(),
  indexes: z.record(z.string(), z.object({ on: z.array(z.string()), unique: z.boolean() })),
  masks: z.array(
    z.object({ path: z.string(), bits: z.unknown(), groups: z.record(z.string(), z.unknown()) }),
  ),
  /** The first level of the schema. */
  fields: z.array(z.string()),
  schema: Drawn,
})
export type EvaluatedTable = z.infer<typeof EvaluatedTable>

/** What the child says of one module. */
export const EvaluatedModule = z.discriminatedUnion('is', [
  z.object({ is: z.literal('failed'), file: z.string(), message: z.string() }),
  z.object({ is: z.literal('functions'), file: z.string(), functions: z.array(EvaluatedFunction) }),
  z.object({ is: z.literal('tables'), file: z.string(), tables: z.array(EvaluatedTable) }),
  z.object({
    is: z.literal('app'),
    file: z.string(),
    /** What is wrong with the default export; null when it is an app. */
    wrong: z.string().nullable(),
    groups: z.record(z.string(), z.unknown()),
    middleware: z.array(z.unknown()),
  }),
  z.object({ is: z.literal('migration'), file: z.string(), up: z.boolean() }),
])
export type EvaluatedModule = z.infer<typeof EvaluatedModule>

/** What the child is asked: modules in order, each with the built file to import. */
export const EvaluationRequest = z.object({
  modules: z.array(
    z.object({
      is: z.enum(['app', 'tables', 'functions', 'migration']),
      file: z.string(),
      built: z.string(),
    }),
  ),
})
export type EvaluationRequest = z.infer<typeof EvaluationRequest>

/** A line that the child writes: what it begins with, and what came of it. */
export const EvaluationLine = z.union([z.object({ begins: z.string() }), EvaluatedModule])
