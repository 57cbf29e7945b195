/** Values as they travel: a bigint as decimal string, a Date as ISO, bytes as base64url; all else as JSON has it. */
export function toJson(value: unknown): unknown {
  return isPlain(value, 0) ? value : converted(value, 0)
}

// Deeper than any document or answer; a value that holds itself ends here.
const maxDepth = 200

/** Whether JSON takes it as it is. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'bigint') return false
  if (typeof value !== 'object' || value === null) return true
  if (depth > maxDepth) return false
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) if (!isPlain(value[at], depth + 1)) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  const members = value as Readonly<Record<string, unknown>>
  for (const key in members) if (!isPlain(members[key], depth + 1)) return false
  return true
}

function converted(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth) throw new TypeError('the value is too deep, or holds itself')
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64url')
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('base64url')
  if (Array.isArray(value)) return value.map((item) => converted(item, depth + 1))
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return converted((value as { toJSON(): unknown }).toJSON(), depth + 1)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, converted(member, depth + 1)]))
}

/** Whether a plain value is longer than so many bytes as JSON. What is short by far is not written to be measured. */
export function isLongerThan(value: unknown, bytes: number): boolean {
  return atMost(value, bytes) < 0 && Buffer.byteLength(JSON.stringify(value) ?? '') > bytes
}

/** What is left of `room` when all that a value can take is taken from it; below 0 it may be too long. */
function atMost(value: unknown, room: number): number {
  if (typeof value === 'string') return room - value.length * 6 - 2
  if (typeof value !== 'object' || value === null) return room - 25
  let left = room - 2
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && left >= 0; at += 1) left = atMost(value[at], left - 1)
    return left
  }
  const members = value as Readonly<Record<string, unknown>>
  for (const key in members) {
    left = atMost(members[key], left - key.length * 6 - 4)
    if (left < 0) return left
  }
  return left
}
