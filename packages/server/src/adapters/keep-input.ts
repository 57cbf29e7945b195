import { KeepInvalid } from '../ports/keep.ts'

const maxKey = 512
const maxValueBytes = 1024 * 1024

function checkText(text: string, what: string) {
  // No engine stores these alike: Postgres refuses U+0000, UTF-8 has no lone surrogates.
  if (text.includes('\u0000')) throw new KeepInvalid(`${what} holds U+0000`)
  if (!text.isWellFormed()) throw new KeepInvalid(`${what} holds a lone surrogate`)
}

/** Throws `KeepInvalid` unless it is a key: 1..512 characters. */
export function checkKey(key: string, what = 'the key'): void {
  if (key.length < 1 || key.length > maxKey)
    throw new KeepInvalid(`${what} has not 1 to ${maxKey} characters`)
  checkText(key, what)
}

/** Throws `KeepInvalid` unless it is text of at most 1 MiB. */
export function checkValue(value: string): void {
  if (Buffer.byteLength(value) > maxValueBytes) throw new KeepInvalid('the value is longer than 1 MiB')
  checkText(value, 'the value')
}

/** The time to live; null without one. Throws `KeepInvalid` unless it is a positive whole number of ms. */
export function ttlOf(ttlMs: number | undefined): number | null {
  if (ttlMs === undefined) return null
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1)
    throw new KeepInvalid('the time to live is no positive whole number')
  return ttlMs
}

/** Throws `KeepInvalid` unless it is a whole number from `from` up. */
export function checkWhole(value: number, from: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < from)
    throw new KeepInvalid(`${what} is no whole number from ${from}`)
}

/** A value that can be added to; null when it is none. */
export function wholeOf(value: string): number | null {
  return /^(0|-?[1-9]\d{0,15})$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : null
}

/** The first text, by code point, behind all that begin with the prefix; null when there is none. */
export function prefixEnd(prefix: string): string | null {
  const points = [...prefix].map((letter) => letter.codePointAt(0) ?? 0)
  while (points.length > 0) {
    const last = points.pop() ?? 0
    if (last === 0x10ffff) continue
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  }
  return null
}
