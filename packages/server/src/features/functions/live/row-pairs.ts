import type { Commit, Row, Tables } from '../../../ports/tables.ts'

/** How many commits' rows are kept for those who ask for the same ones a moment later. */
const kept = 32

/** A row that a commit touched, as it was before and after it; null where there was none. */
export interface RowPair {
  readonly id: string
  readonly before: Row | null
  readonly after: Row | null
}

/** The rows of a table that a commit touched. Rejects with `HistoryGone` when its time is not kept any more. */
export type ReadPairs = (tenant: string, commit: Commit, table: string) => Promise<readonly RowPair[]>

/** Makes what reads the rows of commits: two reads a commit and table, shared by all who ask. */
export function createReadPairs(tables: Pick<Tables, 'begin'>): ReadPairs {
  const known = new Map<string, Promise<readonly RowPair[]>>()

  async function rowsAt(tenant: string, at: number, table: string, ids: readonly string[]) {
    if (at === 0) return new Map<string, Row>()
    const tx = tables.begin({ tenant, at })
    try {
      return new Map((await tx.getAll(table, ids)).map((row) => [row.id, row]))
    } finally {
      tx.abort()
    }
  }

  async function read(tenant: string, { number, touched }: Commit, table: string): Promise<RowPair[]> {
    const ids = [...new Set(touched.flatMap((one) => (one.table === table ? [one.id] : [])))]
    const [before, after] = await Promise.all([
      rowsAt(tenant, number - 1, table, ids),
      rowsAt(tenant, number, table, ids),
    ])
    return ids.map((id) => ({ id, before: before.get(id) ?? null, after: after.get(id) ?? null }))
  }

  return (tenant, commit, table) => {
    const key = JSON.stringify([tenant, commit.number, table])
    const there = known.get(key)
    if (there !== undefined) return there
    const pairs = read(tenant, commit, table)
    known.set(key, pairs)
    pairs.catch(() => known.delete(key))
    if (known.size > kept) known.delete(known.keys().next().value ?? '')
    return pairs
  }
}
