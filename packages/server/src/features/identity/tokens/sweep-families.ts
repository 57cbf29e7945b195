import type { Store } from '../store.ts'

const keptMs = 86_400_000

/** Deletes families that ended a day ago or more; nothing that they gave out counts any more. Answers how many. */
export async function sweepFamilies(needs: {
  readonly store: Store
  readonly now: () => number
}): Promise<number> {
  const { store, now } = needs
  const before = now() - keptMs
  let gone = 0
  let cursor: string | undefined
  do {
    const page = await store.view().page('families', { limit: 500, cursor })
    const ended = page.rows.filter((family) => Math.min(family.endsAt, family.idleUntil) <= before)
    if (ended.length > 0)
      await store.change(async (view) => {
        for (const { id } of ended) view.delete('families', id)
      })
    gone += ended.length
    cursor = page.cursor
  } while (cursor !== undefined)
  return gone
}
