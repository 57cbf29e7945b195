import { type CommitMeta, DocumentInvalid } from '../ports/tables.ts'
import { checkStorable, checkTable, jsonText } from './tables-document.ts'

/** What a commit says of itself, as engines store it. */
export interface StoredMeta {
  readonly principal: string | null
  readonly function: string | null
  readonly hash: string | null
  readonly request: string | null
  readonly idempotency: string | null
  /** JSON text. */
  readonly result: string | null
  /** What tables must permit, by their names in order. */
  readonly bits: readonly (readonly [table: string, bits: number])[]
  readonly migration: { readonly id: string; readonly checksum: string } | null
}

// What every engine can put into an index whatever its letters are.
const maxKey = 500

function textOf(text: string | undefined, what: string, longest = Number.POSITIVE_INFINITY): string | null {
  if (text === undefined) return null
  if (text.length > longest) throw new DocumentInvalid(`${what} has at most ${longest} characters`)
  checkStorable(text, what)
  return text
}

/** Throws `DocumentInvalid` unless they are the bits of a permission. */
export function checkBits(bits: number): void {
  if (!Number.isInteger(bits) || bits < 0 || bits > 7) throw new DocumentInvalid('permissions are 0 to 7')
}

/** Takes a copy of what a commit says of itself, checked. Throws `DocumentInvalid`. */
export function storedMeta(meta: CommitMeta): StoredMeta {
  if (meta.idempotency === '') throw new DocumentInvalid('an idempotency key is not empty')
  const bits = Object.entries(meta.bits ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [table, wanted] of bits) {
    checkTable(table)
    checkBits(wanted)
  }
  const { migration } = meta
  return {
    principal: textOf(meta.principal, 'a principal'),
    function: textOf(meta.function, 'a function'),
    hash: textOf(meta.hash, 'a hash'),
    request: textOf(meta.request, 'a request'),
    idempotency: textOf(meta.idempotency, 'an idempotency key', maxKey),
    result: meta.result === undefined ? null : jsonText(meta.result),
    bits,
    migration:
      migration === undefined
        ? null
        : {
            id: textOf(migration.id, 'a migration', maxKey) ?? '',
            checksum: textOf(migration.checksum, 'a checksum') ?? '',
          },
  }
}
