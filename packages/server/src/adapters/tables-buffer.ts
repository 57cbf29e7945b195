/** A write that waits for the commit. */
export interface Write {
  readonly table: string
  readonly id: string
  /** The document as JSON text; null deletes. */
  readonly text: string | null
  /** The owner of a row that is new. */
  readonly owner: string
  /** 0 to 1,023: order among the new rows of one commit. */
  readonly place: number
  /** A new row even if one is there: it was deleted in the same transaction. */
  readonly fresh: boolean
}

/** What a transaction wrote so far: the last write of each id. */
export interface Buffer {
  set(table: string, id: string, text: string, owner: string): void
  delete(table: string, id: string): void
  find(table: string, id: string): Write | undefined
  /** In the order in which ids were first written. */
  all(): readonly Write[]
  /** How many places were given away. */
  places(): number
}

/** The places of one commit: the order of the next one's begins behind them. */
export const placesPerCommit = 1024

/** A buffer, empty or with what another held. */
export function createBuffer(held?: { readonly writes: readonly Write[]; readonly places: number }): Buffer {
  // A table's name holds no space.
  const keyOf = (table: string, id: string) => `${table} ${id}`
  const writes = new Map((held?.writes ?? []).map((write) => [keyOf(write.table, write.id), write]))
  let places = held?.places ?? 0
  // Rows beyond share the last place, and go by id among themselves.
  const nextPlace = () => Math.min(places++, placesPerCommit - 1)

  return {
    set(table, id, text, owner) {
      const key = keyOf(table, id)
      const before = writes.get(key)
      if (before !== undefined && before.text !== null) {
        writes.set(key, { ...before, text })
        return
      }
      const fresh = before !== undefined
      // Put behind the others, as it is written anew.
      writes.delete(key)
      writes.set(key, { table, id, text, owner, place: nextPlace(), fresh })
    },
    delete(table, id) {
      const key = keyOf(table, id)
      const place = writes.get(key)?.place ?? nextPlace()
      writes.set(key, { table, id, text: null, owner: '', place, fresh: false })
    },
    find: (table, id) => writes.get(keyOf(table, id)),
    all: () => [...writes.values()],
    places: () => places,
  }
}
