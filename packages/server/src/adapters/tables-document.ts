import { createHash } from 'node:crypto'
import { DocumentInvalid, type Json } from '../ports/tables.ts'

const maxBytes = 256 * 1024
const maxDepth = 128
const tableForm = /^[a-z][a-z0-9_]{0,39}$/

/** Throws `DocumentInvalid` unless every engine can store the text. */
export function checkStorable(text: string, what: string): void {
  if (text.includes('\u0000')) throw new DocumentInvalid(`${what} holds U+0000`)
  if (!text.isWellFormed()) throw new DocumentInvalid(`${what} holds a lone surrogate`)
}

/** Throws `DocumentInvalid` unless it is a table's name. */
export function checkTable(table: string): void {
  if (!tableForm.test(table)) throw new DocumentInvalid('a table has no such name')
}

/** Throws `DocumentInvalid` unless it is an id: 1..128 characters, none of them a control. */
export function checkId(id: string): void {
  if (id.length < 1 || id.length > 128) throw new DocumentInvalid('an id has 1 to 128 characters')
  if (/\p{Cc}/u.test(id)) throw new DocumentInvalid('an id holds a control character')
  checkStorable(id, 'an id')
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function checkJson(value: unknown, depth: number): void {
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'string') {
    checkStorable(value, 'a text')
    return
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new DocumentInvalid('a number is not finite')
    return
  }
  if (typeof value !== 'object') throw new DocumentInvalid(`a ${typeof value} is no JSON`)
  if (depth > maxDepth) throw new DocumentInvalid(`the document is deeper than ${maxDepth} levels`)
  if (Array.isArray(value)) {
    // Not forEach: a hole is no JSON either.
    for (const item of value) checkJson(item, depth + 1)
    return
  }
  if (!isPlain(value)) throw new DocumentInvalid('an object with a class is no JSON')
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw new DocumentInvalid('a key is __proto__')
    checkStorable(key, 'a key')
    if (item !== undefined) checkJson(item, depth + 1)
  }
}

/**
 * A value as JSON text: a copy that nobody can change any more. -0 becomes 0, keys without a value are left out. Throws
 * `DocumentInvalid`.
 */
export function jsonText(data: Json): string {
  checkJson(data, 1)
  return JSON.stringify(data)
}

/** A document as JSON text of at most 256 KiB. Throws `DocumentInvalid`. */
export function documentText(data: Json): string {
  const text = jsonText(data)
  if (Buffer.byteLength(text) > maxBytes) throw new DocumentInvalid('the document is longer than 256 KiB')
  return text
}

/** The physical table of a tenant's table: `tbl_<name>_<12 hex of SHA-256(tenant NUL name)>`. */
export function pointerOf(tenant: string, table: string): string {
  const hash = createHash('sha256').update(`${tenant}\u0000${table}`).digest('hex').slice(0, 12)
  return `tbl_${table}_${hash}`
}
