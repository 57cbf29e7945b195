import { z } from 'zod'

const BitsSchema = z.number().int().min(0).max(7)
const JsonSchema = z.record(z.string(), z.unknown())

/** A function as its app was built: options with their defaults in place, and what its arguments look like. */
export const ManifestFunction = z.object({
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/),
  /** 64 hex digits of SHA-256 over the function's module and all that it imports. */
  hash: z.string(),
  /** The file in the app folder, such as `functions/desk.ts`. */
  file: z.string(),
  perm: BitsSchema,
  ugroup: z.string().nullable(),
  egroup: z.string(),
  isolation: z.enum(['snapshot', 'serializable']),
  retry: z.number().int().min(0).max(5),
  deadlineMs: z.number().int().min(1).max(300_000),
  live: z.boolean(),
  internal: z.boolean(),
  cron: z.string().nullable(),
  elevate: z.record(z.string(), BitsSchema),
  /** One JSON Schema (draft 2020-12) for each argument, as it is sent. */
  args: z.array(JsonSchema),
  /** Of the result, where the function declares one. */
  result: JsonSchema.nullable(),
})
export type ManifestFunction = z.infer<typeof ManifestFunction>

export const ManifestTable = z.object({
  name: z.string(),
  rows: z.enum(['own', 'shared']),
  permissions: BitsSchema,
  indexes: z.record(z.string(), z.object({ on: z.array(z.string()), unique: z.boolean() })),
  masks: z.array(z.object({ path: z.string(), bits: BitsSchema, groups: z.record(z.string(), BitsSchema) })),
  schema: JsonSchema,
})
export type ManifestTable = z.infer<typeof ManifestTable>

/** What an app consists of. Two builds of the same sources are equal in every byte. */
export const Manifest = z.object({
  version: z.literal(1),
  /** `sha256:` and 64 hex digits over all the rest and every built file. */
  digest: z.string(),
  functions: z.array(ManifestFunction),
  tables: z.array(ManifestTable),
  groups: z.record(
    z.string(),
    z.object({
      endpoints: z.record(z.string(), BitsSchema),
      tables: z.record(z.string(), BitsSchema),
    }),
  ),
  /** By name, in order: `NNNN_words`. */
  migrations: z.array(z.object({ id: z.string(), checksum: z.string(), breaking: z.boolean() })),
  /** Every built file but this one: path within `dist/`, and SHA-256 in hex. */
  files: z.record(z.string(), z.string()),
  /** Modules that did not load when built; their functions are not there. */
  failed: z.array(z.object({ file: z.string(), message: z.string() })),
})
export type Manifest = z.infer<typeof Manifest>
