import type { Stored } from '../../ports/log.ts'
import type { Placed } from '../append-once.ts'
import type { LogIndex } from '../log-index.ts'

const most = 4_000
const delayMs = 40

/**
 * Entries that are on disk already and wait to be indexed. Many commits of the files become one of the index, which is
 * what the index costs; whoever asks the index something has it filled first.
 */
export interface WaitingIndex {
  /** Takes entries at the end of a tenant's log. */
  add(tenant: string, entries: readonly Stored[]): void
  places(tenant: string, ids: readonly string[]): ReadonlyMap<string, Omit<Placed, 'fresh'>>
  /** The index, with nothing waiting. */
  filled(): LogIndex
  /** Fills the index now, and stops filling it later. */
  close(): void
}

/** Puts a waiting room before an index. */
export function waitingIndex(index: LogIndex): WaitingIndex {
  const waiting = new Map<string, Map<string, Stored>>()
  let count = 0
  let timer: NodeJS.Timeout | undefined

  function fill(): void {
    clearTimeout(timer)
    timer = undefined
    const taken = [...waiting]
    waiting.clear()
    count = 0
    for (const [tenant, entries] of taken) index.restore(tenant, [...entries.values()])
  }

  return {
    add(tenant, entries) {
      if (entries.length === 0) return
      const mine = waiting.get(tenant) ?? new Map<string, Stored>()
      waiting.set(tenant, mine)
      for (const entry of entries) mine.set(entry.id, entry)
      count += entries.length
      if (count >= most) fill()
      else timer ??= setTimeout(fill, delayMs)
    },
    places(tenant, ids) {
      const mine = waiting.get(tenant)
      if (mine === undefined) return index.places(tenant, ids)
      const found = new Map<string, Omit<Placed, 'fresh'>>()
      const others = ids.filter((id) => {
        const entry = mine.get(id)
        if (entry !== undefined) found.set(id, entry)
        return entry === undefined
      })
      for (const [id, place] of index.places(tenant, others)) found.set(id, place)
      return found
    },
    filled() {
      if (count > 0) fill()
      return index
    },
    close: fill,
  }
}
