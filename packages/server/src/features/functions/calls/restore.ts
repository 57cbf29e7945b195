import { z } from 'zod'

/** Gives values back the types that JSON took from them; leaves what it does not know. */
export type Restore = (value: unknown) => unknown

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/
// Reading digits costs their square.
const integer = /^-?\d{1,1000}$/
const base64url = /^[A-Za-z0-9_-]*$/

const toDate: Restore = (value) => {
  if (typeof value !== 'string' || !instant.test(value)) return value
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? value : date
}
const toBigInt: Restore = (value) => {
  if (typeof value === 'string' && integer.test(value)) return BigInt(value)
  return Number.isSafeInteger(value) ? BigInt(value as number) : value
}
const toBytes: Restore = (value) =>
  typeof value === 'string' && base64url.test(value) ? new Uint8Array(Buffer.from(value, 'base64url')) : value

/**
 * What a schema says that values were before they became JSON: a bigint from a decimal string, a Date from ISO, bytes
 * from base64url. Null: nothing in it needs that, as in nearly all schemas.
 */
export function restoreOf(schema: z.ZodType, depth = 0): Restore | null {
  // Schemas may hold themselves; no document is as deep.
  if (depth > 16) return null
  const inner = (one: unknown) => restoreOf(one as z.ZodType, depth + 1)
  if (schema instanceof z.ZodDate) return toDate
  if (schema instanceof z.ZodBigInt) return toBigInt
  if (schema instanceof z.ZodCustom) return isBytes(schema) ? toBytes : null
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodCatch
  )
    return inner(schema.unwrap())
  if (schema instanceof z.ZodPipe) return inner(schema.in)
  if (schema instanceof z.ZodArray) return eachItem(inner(schema.element))
  if (schema instanceof z.ZodTuple) return eachPlace(schema.def.items.map(inner))
  if (schema instanceof z.ZodRecord) return eachMember(inner(schema.valueType))
  if (schema instanceof z.ZodObject) {
    const found = Object.entries<z.ZodType>(schema.shape as Record<string, z.ZodType>).flatMap(
      ([key, field]) => {
        const restore = inner(field)
        return restore === null ? [] : [[key, restore] as const]
      },
    )
    return found.length === 0 ? null : (value) => (isObject(value) ? withMembers(value, found) : value)
  }
  return null
}

function isBytes(schema: z.ZodType): boolean {
  try {
    return schema.safeParse(new Uint8Array(0)).success && !schema.safeParse('').success
  } catch {
    return false
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function withMembers(value: Record<string, unknown>, found: readonly (readonly [string, Restore])[]) {
  const copy = { ...value }
  for (const [key, restore] of found) if (Object.hasOwn(copy, key)) copy[key] = restore(copy[key])
  return copy
}

function eachItem(restore: Restore | null): Restore | null {
  return restore && ((value) => (Array.isArray(value) ? value.map(restore) : value))
}

function eachPlace(restores: readonly (Restore | null)[]): Restore | null {
  if (restores.every((one) => one === null)) return null
  return (value) => (Array.isArray(value) ? value.map((item, at) => restores[at]?.(item) ?? item) : value)
}

function eachMember(restore: Restore | null): Restore | null {
  return (
    restore &&
    ((value) =>
      isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, restore(member)]))
        : value)
  )
}
