import { canonical } from '@quarterdeck/sdk/digest'
import type { CallerInfo } from '@quarterdeck/sdk/functions/context'
import type { Tables } from '../../../ports/tables.ts'
import type { Permitted } from '../rights/permitted.ts'
import type { Runner } from '../runner.ts'
import type { Commits } from './commits.ts'
import { createLiveRun, type LiveRun } from './live-run.ts'
import type { ReadPairs } from './row-pairs.ts'
import { createTurns } from './turns.ts'

/** Live queries that one process keeps; one more is `overloaded`. */
const mostRuns = 10_000
/** Runs of live queries at a time, so that one commit does not take every connection of the store. */
const mostAtOnce = 16

/** A live query as one caller asks it. */
export interface LiveQuery {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly caller: CallerInfo
}

/** A run as long as somebody reads it. */
export interface LiveLease {
  readonly run: LiveRun
  release(): void
}

/** The live queries that are read in this process. */
export interface LiveRuns {
  /** Takes part in the run of a query: everybody's of these groups, or once it turned out personal the caller's own. */
  lease(query: LiveQuery): LiveLease
  isFull(): boolean
}

/** Readers of equal function, arguments and groups. */
interface Group {
  personal: boolean
  /** By principal; `''` is the one that they share. */
  readonly runs: Map<string, { readonly run: LiveRun; readers: number }>
  readers: number
}

/** What readers must have in common to share a run. */
export function sharedKeyOf({ fn, args, caller }: LiveQuery): string {
  const { tenant, class: kind, groups } = caller
  return canonical([tenant, fn, args, kind, sortedGroups(groups)])
}

const sortedGroups = (groups: readonly string[]) => [...new Set(groups)].sort()

/** Makes what shares the runs of live queries. */
export function createLiveRuns(needs: {
  readonly runner: Pick<Runner, 'look'>
  readonly tables: Pick<Tables, 'meets'>
  readonly commits: Commits
  readonly readPairs: ReadPairs
  readonly permitted: Permitted
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly failed: (fn: string, error: unknown) => void
}): LiveRuns {
  const groups = new Map<string, Group>()
  const inTurn = createTurns(mostAtOnce)
  let running = 0

  function begin({ fn, args, caller: asking }: LiveQuery, turnedPersonal: (() => void) | null): LiveRun {
    const { tenant } = asking
    // Whoever of them runs it: a function that looks at groups sees the same.
    const caller = { ...asking, groups: sortedGroups(asking.groups) }
    return createLiveRun({
      ...needs,
      tenant,
      look: (notes, signal) => inTurn(() => needs.runner.look({ fn, args, caller, notes, signal })),
      failed: (error) => needs.failed(fn, error),
      ...(turnedPersonal === null ? {} : { turnedPersonal }),
    })
  }

  return {
    isFull: () => running >= mostRuns,
    lease(query) {
      const key = sharedKeyOf(query)
      const group: Group = groups.get(key) ?? { personal: false, runs: new Map(), readers: 0 }
      groups.set(key, group)
      const name = group.personal ? `of ${query.caller.principal}` : ''
      let one = group.runs.get(name)
      if (one === undefined) {
        const split = () => {
          // From now on each principal has a run of its own; this one ends and its result is nobody's.
          group.personal = true
          group.runs.delete(name)
        }
        one = { run: begin(query, group.personal ? null : split), readers: 0 }
        group.runs.set(name, one)
        running += 1
      }
      const mine = one
      mine.readers += 1
      group.readers += 1
      let released = false
      return {
        run: mine.run,
        release() {
          if (released) return
          released = true
          mine.readers -= 1
          group.readers -= 1
          if (mine.readers === 0) {
            mine.run.stop()
            running -= 1
            if (group.runs.get(name) === mine) group.runs.delete(name)
          }
          if (group.readers === 0 && groups.get(key) === group) groups.delete(key)
        },
      }
    },
  }
}
