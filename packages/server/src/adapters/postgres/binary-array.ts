/** Types whose arrays can be sent as Postgres keeps them, by the number that Postgres knows each by. */
const oids = { text: 25, bigint: 20, float8: 701, timestamptz: 1184, bytea: 17, jsonb: 3802 } as const

export type BinaryType = keyof typeof oids

// Unix ms of 2000-01-01, which Postgres counts its microseconds from.
const epoch = 946_684_800_000
const head = 20
const jsonbVersion = 1

/**
 * An array in the binary form that Postgres reads without taking a text apart. Bytes are given as hex, instants as Unix
 * ms, JSON as its text. Throws on what the type cannot hold, such as half of a surrogate pair.
 */
export function binaryArray(
  type: BinaryType,
  values: readonly (string | number | boolean | null | undefined)[],
): Buffer {
  const texts = type === 'text' || type === 'jsonb'
  let size = head
  let nulls = 0
  for (const value of values) {
    if (value === null || value === undefined) nulls = 1
    else if (texts) size += 1 + Buffer.byteLength(String(value))
    else size += type === 'bytea' ? String(value).length / 2 : 8
    size += 4
  }
  const bytes = Buffer.allocUnsafe(Math.ceil(size))
  for (const [index, word] of [1, nulls, oids[type], values.length, 1].entries())
    bytes.writeInt32BE(word, index * 4)
  const write = writers[type]
  let at = head
  for (const value of values) {
    if (value === null || value === undefined) {
      at = bytes.writeInt32BE(-1, at)
      continue
    }
    const end = write(bytes, at + 4, value)
    bytes.writeInt32BE(end - at - 4, at)
    at = end
  }
  return bytes.subarray(0, at)
}

type Write = (bytes: Buffer, at: number, value: string | number | boolean) => number

const writers: Readonly<Record<BinaryType, Write>> = {
  text: writeText,
  jsonb(bytes, at, value) {
    bytes[at] = jsonbVersion
    return writeText(bytes, at + 1, value)
  },
  bytea(bytes, at, value) {
    const text = String(value)
    const written = bytes.write(text, at, 'hex')
    if (written * 2 !== text.length) throw new Error('a text is not hex')
    return at + written
  },
  timestamptz: (bytes, at, value) => writeInteger(bytes, at, (Math.trunc(Number(value)) - epoch) * 1_000),
  bigint(bytes, at, value) {
    if (!Number.isSafeInteger(Number(value))) throw new Error('a number is no integer')
    return writeInteger(bytes, at, Number(value))
  },
  float8: (bytes, at, value) => bytes.writeDoubleBE(Number(value), at),
}

function writeText(bytes: Buffer, at: number, value: string | number | boolean): number {
  const text = String(value)
  if (!text.isWellFormed()) throw new Error('a text holds half of a surrogate pair')
  return at + bytes.write(text, at)
}

function writeInteger(bytes: Buffer, at: number, value: number): number {
  const high = Math.floor(value / 2 ** 32)
  bytes.writeInt32BE(high, at)
  return bytes.writeUInt32BE(value - high * 2 ** 32, at + 4)
}
