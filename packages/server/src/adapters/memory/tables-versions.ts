import type { Committed, RowVersion } from '../../ports/tables.ts'
import type { Holding } from './tables-commit.ts'

/**
 * The versions of a row, newest first, with the commits that wrote them and that deleted them. A version that ended was
 * deleted unless another began by the commit that ended it.
 */
export function versionsOf(
  holding: Holding,
  { table, id }: { readonly table: string; readonly id: string },
  page: { readonly before: number | null; readonly limit: number },
): readonly RowVersion[] {
  const all = holding.tables.get(table)?.get(id) ?? []
  const begun = new Set(all.map((version) => version.txid))
  const commits = new Map([...holding.commits.values()].map((commit) => [commit.number, commit]))
  const committed = (number: number): Committed => {
    const commit = commits.get(number)
    return {
      at: commit === undefined ? null : new Date(commit.at),
      principal: commit?.principal ?? null,
      function: commit?.function ?? null,
    }
  }
  return all
    .filter((version) => page.before === null || version.txid < page.before)
    .toReversed()
    .slice(0, page.limit)
    .map(({ text, owner, txid, order, deletedTxid }) => ({
      id,
      data: JSON.parse(text),
      owner,
      txid,
      order,
      endedBy: deletedTxid,
      deleted: deletedTxid === null || begun.has(deletedTxid) ? null : committed(deletedTxid),
      ...committed(txid),
    }))
}
