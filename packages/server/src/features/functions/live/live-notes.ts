import type { Commit, Query, Row, Tables } from '../../../ports/tables.ts'
import type { ReadNotes } from '../runner.ts'
import type { ReadPairs } from './row-pairs.ts'

interface Filter {
  readonly where: NonNullable<Query['where']>
  readonly owner: string | null
}

/** What one run of a live query read. */
export interface LiveNotes extends ReadNotes {
  /** Whether its result holds for its principal alone. */
  isPersonal(): boolean
  /** Every table that it read. */
  tables(): ReadonlySet<string>
  /** Whether a commit touched what it read: a row by its id, or one that met its conditions before or after. */
  isTouchedBy(commit: Commit): Promise<boolean>
}

/** Makes the notes of one run. */
export function createLiveNotes(needs: {
  readonly tables: Pick<Tables, 'meets'>
  readonly readPairs: ReadPairs
  readonly tenant: string
}): LiveNotes {
  const { tables, readPairs, tenant } = needs
  const rows = new Map<string, Set<string>>()
  const filters = new Map<string, Map<string, Filter>>()
  let personal = false

  const meets = (row: Row | null, { where, owner }: Filter) =>
    row !== null && (owner === null || row.owner === owner) && tables.meets(row.data, where)

  return {
    row(table, id) {
      const ids = rows.get(table) ?? new Set()
      rows.set(table, ids.add(id))
    },
    rows(table, where, owner) {
      const mine = filters.get(table) ?? new Map<string, Filter>()
      filters.set(table, mine.set(JSON.stringify([where, owner]), { where, owner }))
    },
    personal() {
      personal = true
    },
    isPersonal: () => personal,
    tables: () => new Set([...rows.keys(), ...filters.keys()]),
    async isTouchedBy(commit) {
      if (commit.touched.some(({ table, id }) => rows.get(table)?.has(id))) return true
      for (const table of new Set(commit.touched.map((one) => one.table))) {
        const mine = [...(filters.get(table)?.values() ?? [])]
        if (mine.length === 0) continue
        // A listing of all rows needs no look at them.
        if (mine.some(({ where, owner }) => owner === null && Object.keys(where).length === 0)) return true
        const pairs = await readPairs(tenant, commit, table)
        const isMet = pairs.some(({ before, after }) =>
          mine.some((filter) => meets(before, filter) || meets(after, filter)),
        )
        if (isMet) return true
      }
      return false
    },
  }
}
