/**
 * The JSON list of a call's arguments, with what JSON has no form for as text: bigints as decimal, dates as ISO 8601, bytes
 * as base64url. Throws `TypeError` for a date that is none. Arguments left out at the end are not sent.
 */
export function encodeArguments(args: readonly unknown[]): string {
  let count = args.length
  while (count > 0 && args[count - 1] === undefined) count -= 1
  return JSON.stringify(args.slice(0, count), encodeValue)
}

/** Text of bytes in base64url without padding (RFC 4648 §5). */
export function base64url(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** JSON asks a value's own toJSON first, so what is to be sent is looked up where it lies. */
function encodeValue(this: Record<string, unknown>, key: string, told: unknown): unknown {
  const value = this[key]
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return base64url(value)
  if (value instanceof Date && Number.isNaN(value.getTime())) throw new TypeError('an argument is not a date')
  return told
}
