import { z } from 'zod'
import type { Bits } from './perms.ts'

/** A field that not everybody may see (4) or change (2). */
export interface Mask {
  /** Keys parted by dots. */
  readonly path: string
  /** What everybody holds. */
  readonly bits: Bits
  /** What members of a group hold beside. */
  readonly groups: Readonly<Record<string, Bits>>
}

const marks = z.registry<Omit<Mask, 'path'>>()

/** Marks a field of a table's schema: bits for all, and for members of groups. Reading it takes 4, changing it 2. */
export function masked<Schema extends z.ZodType>(
  schema: Schema,
  bits: Bits,
  groups: Readonly<Record<string, Bits>> = {},
): Schema {
  // A schema of its own: the one given may stand elsewhere too.
  const own = schema.clone() as Schema
  marks.add(own, { bits, groups })
  return own
}

/** The marked fields of a schema, those of objects in it too. Throws `TypeError` for one that no path could name. */
export function masksOf(schema: z.ZodType, path: readonly string[] = []): Mask[] {
  const mark = marks.get(schema)
  if (mark !== undefined) return [{ path: path.join('.'), ...mark }]
  const inner = innerOf(schema)
  if (inner !== null) return masksOf(inner, path)
  if (!(schema instanceof z.ZodObject)) {
    // A mask that nobody would apply shows what it was to hide.
    if (holdsMark(schema, new Set()))
      throw new TypeError(`${path.join('.')}: a masked field may stand in objects alone`)
    return []
  }
  return Object.entries<z.ZodType>(schema.shape as Record<string, z.ZodType>).flatMap(([key, field]) =>
    masksOf(field, [...path, key]),
  )
}

/** Whether a mark stands anywhere in a schema. */
function holdsMark(schema: z.ZodType, seen: Set<z.ZodType>): boolean {
  if (marks.has(schema)) return true
  if (seen.has(schema)) return false
  seen.add(schema)
  if (schema instanceof z.ZodLazy) return holdsMark(schema.unwrap() as z.ZodType, seen)
  return Object.values(schema._zod.def).some((part) => partHoldsMark(part, seen))
}

function partHoldsMark(part: unknown, seen: Set<z.ZodType>): boolean {
  if (part instanceof z.ZodType) return holdsMark(part, seen)
  if (Array.isArray(part)) return part.some((one) => partHoldsMark(one, seen))
  if (typeof part !== 'object' || part === null || Object.getPrototypeOf(part) !== Object.prototype)
    return false
  return Object.values(part).some((one) => partHoldsMark(one, seen))
}

function innerOf(schema: z.ZodType): z.ZodType | null {
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodReadonly
  return isWrapper ? (schema.unwrap() as z.ZodType) : null
}
