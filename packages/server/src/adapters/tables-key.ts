import type { Json } from '../ports/tables.ts'

// The first letter of a key is the place of its type among the types.
const absent = '0'
const other = '5'

/**
 * A value as text that sorts by code point as values do: null (and absent) < false < true < numbers < strings < the
 * rest. Lists and objects all have the same key. A number is its IEEE 754 bits in hex, for negative ones inverted.
 */
export function keyOf(value: unknown): string {
  if (value === null || value === undefined) return absent
  if (value === false) return '1'
  if (value === true) return '2'
  if (typeof value === 'number') return `3${numberKey(value)}`
  return typeof value === 'string' ? `4${value}` : other
}

function numberKey(value: number): string {
  const view = new DataView(new ArrayBuffer(8))
  // -0 is 0.
  view.setFloat64(0, value + 0)
  const bits = view.getBigUint64(0)
  const hex = (whole: bigint) => whole.toString(16).padStart(16, '0')
  return value < 0 ? `n${hex(BigInt.asUintN(64, ~bits))}` : `p${hex(bits)}`
}

/** Whether a unique index compares this key: not those of nothing, of lists and of objects. */
export function isComparable(key: string): boolean {
  return key !== absent && key !== other
}

/** The keys of objects on the way to a field: its path parted by dots. Lists have no fields. */
export function pathOf(field: string): readonly string[] {
  return field.split('.')
}

/** The key of a document's field. */
export function fieldKey(data: Json, field: string): string {
  let value: Json | undefined = data
  for (const name of pathOf(field)) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return absent
    value = Object.hasOwn(value, name) ? (value as { readonly [key: string]: Json })[name] : undefined
    if (value === undefined) return absent
  }
  return keyOf(value)
}

// UTF-16 puts surrogates below U+E000..U+FFFF; by code point they are above.
function place(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit
}

/** Negative, 0 or positive: how two texts sort by code point. */
export function compareText(a: string, b: string): number {
  const both = Math.min(a.length, b.length)
  for (let at = 0; at < both; at += 1) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left !== right) return place(left) - place(right)
  }
  return a.length - b.length
}
