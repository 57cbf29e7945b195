import { fault } from '@quarterdeck/sdk/errors'
import type { TableDefinition } from '@quarterdeck/sdk/functions/table'
import type { FeedEvent, FeedSource, OpenFeed } from '../../../core/feed.ts'
import type { Commit, Tables } from '../../../ports/tables.ts'
import { callerOf } from '../caller.ts'
import type { LoadedApp } from '../loaded-app.ts'
import { lackingFields } from '../rights/field-masks.ts'
import type { Permitted } from '../rights/permitted.ts'
import { heldBits } from '../rights/table-rights.ts'
import type { Commits } from './commits.ts'
import type { ReadPairs } from './row-pairs.ts'
import { shownPairs } from './shown-rows.ts'
import { type TableView, visibleChanges } from './visible-changes.ts'

/** More commits than this are not said again. */
const tooFar = 10_000
/** Commits whose rows are read at a time on a resume. */
const atOnce = 8
const readBit = 4

/** `functions.change/:table`: what commits did to a table's rows, as each reader may see it. */
export function changeFeed(needs: {
  /** The app that runs now; null without one. */
  readonly app: () => LoadedApp | null
  readonly tables: Pick<Tables, 'begin' | 'changes'>
  readonly commits: Commits
  readonly readPairs: ReadPairs
  readonly permitted: Permitted
}): OpenFeed {
  const { tables, commits, readPairs, permitted } = needs

  function sourceOf(definition: TableDefinition, view: TableView): FeedSource {
    /** What a commit says to these readers; null when that is nothing. */
    async function said(tenant: string, commit: Commit): Promise<FeedEvent | null> {
      if (!commit.touched.some(({ table }) => table === view.table)) return null
      const changes = visibleChanges(
        view,
        await shownPairs(definition, await readPairs(tenant, commit, view.table)),
      )
      return changes.length === 0 ? null : { position: commit.number, data: { changes } }
    }

    /** While the store was away for long, others may have purged what was not told yet. */
    async function saidOrGap(tenant: string, commit: Commit): Promise<FeedEvent | null> {
      try {
        return await said(tenant, commit)
      } catch (error) {
        if (isGone(error)) return gapAt(commit)
        throw error
      }
    }

    return {
      head: commits.head,
      snapshot: async (tenant, at) => ({ position: Math.max(at, await commits.head(tenant)), data: {} }),
      async since(tenant, after, upTo) {
        const head = await commits.head(tenant)
        if (after > head) return 'unknown'
        if (upTo - after > tooFar) return 'too_far'
        try {
          const events: FeedEvent[] = []
          for await (const some of chunks(commitsBetween(tenant, after, upTo), atOnce)) {
            const told = await Promise.all(some.map((commit) => said(tenant, commit)))
            events.push(...told.filter((event) => event !== null))
          }
          return events
        } catch (error) {
          if (isGone(error)) return 'pruned'
          throw error
        }
      },
      async *follow(tenant, after, signal) {
        let last = after
        for await (const commit of commits.follow(tenant, after, signal)) {
          const event = commit.number === last + 1 ? await saidOrGap(tenant, commit) : gapAt(commit)
          last = commit.number
          // What tables permit may have changed: readers are asked about it every moment, and by then it is known.
          if (commit.touched.length === 0) permitted.read(tenant).catch(() => undefined)
          if (event !== null) yield event
        }
      },
    }
  }

  /** The commits after a number up to another one that there is, none left out. */
  async function* commitsBetween(tenant: string, after: number, upTo: number): AsyncGenerator<Commit> {
    if (after >= upTo) return
    // What is not kept any more is known beforehand: nobody would ever tell of those commits.
    const tx = tables.begin({ tenant, at: after })
    try {
      await tx.snapshot()
    } finally {
      tx.abort()
    }
    const stop = new AbortController()
    let last = after
    try {
      for await (const commit of tables.changes(tenant, after, stop.signal)) {
        if (commit.number !== last + 1) throw gone
        last = commit.number
        yield commit
        if (last >= upTo) return
      }
    } finally {
      stop.abort()
    }
  }

  return async (actor, { name, query }) => {
    const table = needs.app()?.tables.get(name)
    if (table === undefined) throw fault('not_found')
    if ([...query.keys()].length > 0)
      throw fault('invalid', undefined, {
        issues: [{ path: ['topics'], message: 'a topic of changes takes no query' }],
      })
    const { tenant } = actor
    await permitted.read(tenant)

    const viewOf = (now: typeof actor): TableView => {
      const { principal, groups } = callerOf(now)
      const owner = table.rows === 'own' ? principal : null
      return { table: name, owner, hidden: lackingFields(table.masks, groups, readBit) }
    }
    const mayRead = (now: typeof actor) => {
      const bits = permitted.heard(tenant).get(name) ?? table.permissions
      const groups = needs.app()?.manifest.groups ?? {}
      return (heldBits(groups, callerOf(now), name) & bits & readBit) !== 0
    }

    if (!mayRead(actor)) {
      if (actor.class === 'anonymous') throw fault('unauthenticated')
      throw fault('forbidden', undefined, { members: { table: name } })
    }
    const view = viewOf(actor)
    const key = JSON.stringify(view)
    return {
      key,
      source: sourceOf(table, view),
      whole: false,
      // Who sees other fields than before is not told what was seen then.
      may: (now) => now.tenant === tenant && mayRead(now) && JSON.stringify(viewOf(now)) === key,
    }
  }
}

const gone = new Error('commits are not kept any more')

function isGone(error: unknown): boolean {
  return error === gone || (error instanceof Error && error.name === 'HistoryGone')
}

function gapAt({ number }: Commit): FeedEvent {
  return { position: number, data: {}, gap: 'pruned' }
}

async function* chunks<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<Item[]> {
  let some: Item[] = []
  for await (const item of items) {
    some.push(item)
    if (some.length < size) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}
