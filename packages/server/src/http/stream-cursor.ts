/** What a reader has of each topic, in the order it asked for them; null while a topic has sent nothing. */
export type StreamCursor = readonly (number | null)[]

/** The `id:` of an event: one position a topic joined by dots, `-` for none yet. */
export function writeStreamCursor(cursor: StreamCursor): string {
  return cursor.map((position) => (position === null ? '-' : String(position))).join('.')
}

/** A cursor as the reader sent it back: null when it is none of ours or of other topics. */
export function readStreamCursor(text: string, topics: number): StreamCursor | null {
  const parts = text.split('.')
  if (parts.length !== topics || !parts.every((part) => /^(-|\d{1,15})$/.test(part))) return null
  return parts.map((part) => (part === '-' ? null : Number(part)))
}

/** Whether two cursors of the same topics stand at the same place. */
export function isSameCursor(one: StreamCursor, other: StreamCursor): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false
  return true
}
