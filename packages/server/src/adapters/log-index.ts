import type { Log, Stored } from '../ports/log.ts'
import type { Placed } from './append-once.ts'

/** The log's entries as another store of the truth wants them kept: at the positions and with the hashes given. */
export interface LogIndex extends Log {
  /** Where ids stand; unknown ones are missing from the map. */
  places(tenant: string, ids: readonly string[]): ReadonlyMap<string, Omit<Placed, 'fresh'>>
  /** Stores entries that have their positions already, ascending and behind the head. */
  restore(tenant: string, entries: readonly Stored[]): void
}
