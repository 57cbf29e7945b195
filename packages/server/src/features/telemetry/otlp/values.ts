/** Reading OTLP/JSON leniently: what is absent or of another type reads as nothing. */

type Json = Readonly<Record<string, unknown>>

const deepest = 24

/** A member that is an object; an empty one otherwise. */
export function objectAt(of: Json, key: string): Json {
  const value = of[key]
  return isObject(value) ? value : {}
}

/** A member that is a list of objects. */
export function listAt(of: Json, key: string): readonly Json[] {
  const value = of[key]
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** A member that is a text which is not empty. */
export function textAt(of: Json, key: string): string | undefined {
  const value = of[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A member that is a number, or an integer in text. */
export function numberAt(of: Json, key: string): number | undefined {
  const value = typeof of[key] === 'string' && of[key] !== '' ? Number(of[key]) : of[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** Nanoseconds of a member; undefined for none, 0, or what is no integer. */
export function nanosAt(of: Json, key: string): bigint | undefined {
  const value = of[key]
  const text = typeof value === 'number' && Number.isFinite(value) ? BigInt(Math.trunc(value)) : value
  if (typeof text === 'bigint') return text > 0n ? text : undefined
  if (typeof text !== 'string' || !/^\d{1,20}$/.test(text)) return undefined
  const nanos = BigInt(text)
  return nanos > 0n ? nanos : undefined
}

/** Whole Unix milliseconds of nanoseconds. */
export function millis(nanos: bigint): number {
  return Number(nanos / 1_000_000n)
}

/** An id in lower-case hex of so many bytes that are not all zero; undefined for any other. */
export function idAt(of: Json, key: string, bytes: number): string | undefined {
  const id = textAt(of, key)?.toLowerCase()
  if (id === undefined || id.length !== bytes * 2 || !/^[0-9a-f]+$/.test(id) || /^0+$/.test(id))
    return undefined
  return id
}

/** Attributes of a member by their keys. */
export function attributesAt(of: Json, key: string): Record<string, unknown> {
  return keyed(listAt(of, key), 0)
}

function keyed(list: readonly Json[], depth: number): Record<string, unknown> {
  return Object.fromEntries(
    list.map((pair) => [String(pair.key ?? ''), anyValue(objectAt(pair, 'value'), depth)]),
  )
}

/** The value an AnyValue holds: integers that a number cannot hold, and numbers JSON cannot say, as text. */
export function anyValue(value: Json, depth = 0): unknown {
  if (depth > deepest) return null
  if (typeof value.stringValue === 'string') return value.stringValue
  if (typeof value.boolValue === 'boolean') return value.boolValue
  if (value.intValue !== undefined) return integer(value.intValue)
  if (value.doubleValue !== undefined) return real(value.doubleValue)
  if (isObject(value.arrayValue))
    return listAt(value.arrayValue, 'values').map((one) => anyValue(one, depth + 1))
  if (isObject(value.kvlistValue)) return keyed(listAt(value.kvlistValue, 'values'), depth + 1)
  if (typeof value.bytesValue === 'string') return value.bytesValue
  return null
}

function integer(value: unknown): number | string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string') return null
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function real(value: unknown): number | string | null {
  if (typeof value === 'string') return value !== '' && Number.isFinite(Number(value)) ? Number(value) : value
  if (typeof value !== 'number') return null
  return Number.isFinite(value) ? value : String(value)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
