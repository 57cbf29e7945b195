import { z } from 'zod'
import { readCursor, writeCursor } from './cursor.ts'

/** A page of a list that is at hand whole. The cursor is an offset, bound to what the list was made of. */
export function pageOf<Item>(
  items: readonly Item[],
  input: { readonly cursor?: string | undefined; readonly limit: number },
): { items: Item[]; nextCursor?: string } {
  const from = input.cursor === undefined ? 0 : readCursor(z.number().int().nonnegative(), input.cursor)
  const page = items.slice(from, from + input.limit)
  return {
    items: page,
    ...(from + input.limit < items.length ? { nextCursor: writeCursor(from + input.limit) } : {}),
  }
}
