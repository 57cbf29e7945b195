import { CursorInvalid, HistoryGone, SnapshotAhead } from '../ports/tables.ts'
import type { TablesEngine } from './tables-over.ts'

/** The snapshot of one transaction: which commit is the last it sees. */
export interface Snapshot {
  /** Whether the next read fixes it, at the commit that is the last then. */
  isOpen(): boolean
  /** Asks for it, with rows in the same breath. After a failure the next read tries anew. */
  fix<Answer extends { readonly last: number }>(run: () => Promise<Answer>): Promise<Answer>
  /** Its number; fixes it. Throws `SnapshotAhead` and `HistoryGone`. */
  last(): Promise<number>
  /** Goes on at a snapshot that a cursor names. Throws `CursorInvalid` when there was none such yet. */
  pin(last: number): Promise<void>
  /** Reads as of a commit. Throws `HistoryGone` when that may have been purged meanwhile. */
  read<Answer>(last: number, run: () => Promise<Answer>): Promise<Answer>
  /** Its number, and the oldest that a cursor led to; null before there is one, and when asking for it failed. */
  state(): Promise<{ readonly last: number | null; readonly oldest: number | null }>
}

/** A snapshot that the first read fixes, as of `at` if given; or one that another transaction had. */
export function createSnapshot(needs: {
  readonly engine: Pick<TablesEngine, 'first' | 'moment'>
  readonly ask: <Result>(run: () => Promise<Result>) => Promise<Result>
  readonly now: () => number
  readonly tenant: string
  /** A commit's number, or an instant. */
  readonly at: number | Date | null
  readonly held?: { readonly last: number | null; readonly oldest: number | null }
}): Snapshot {
  const { engine, ask, tenant, at } = needs
  let fixed: Promise<number> | null = null
  if (needs.held !== undefined && needs.held.last !== null) fixed = Promise.resolve(needs.held.last)
  // What was read at the oldest one that a cursor led to must not be written over either.
  let oldest = needs.held?.oldest ?? null
  // Whether it lies where `collect` may purge while it is read.
  let isPast = at !== null || oldest !== null

  /** The commit that `at` means. */
  async function found(): Promise<{ last: number }> {
    const instant = at instanceof Date ? at.getTime() : null
    if (instant !== null && instant > needs.now()) throw new SnapshotAhead('the instant has not come')
    const moment = await ask(() => engine.moment(tenant, instant))
    const last = typeof at === 'number' ? at : moment.byThen
    if (last > moment.last) throw new SnapshotAhead('no such commit was made yet')
    if (last < moment.horizon) throw new HistoryGone('the history does not go back so far')
    return { last }
  }

  async function fix<Answer extends { readonly last: number }>(run: () => Promise<Answer>): Promise<Answer> {
    const asked = run()
    const last = asked.then((answer) => answer.last)
    // Whoever asked hears of a failure; the snapshot itself may have nobody waiting for it.
    last.catch(() => undefined)
    fixed = last
    try {
      return await asked
    } catch (error) {
      if (fixed === last) fixed = null
      throw error
    }
  }

  async function last(): Promise<number> {
    if (fixed === null) await fix(at === null ? () => ask(() => engine.first(tenant, null)) : found)
    return fixed ?? 0
  }

  return {
    isOpen: () => fixed === null && at === null,
    fix: (run) => fix(() => ask(run)),
    last,
    async pin(pinned) {
      const mine = fixed === null && at === null ? null : await last()
      if (mine !== pinned) {
        const moment = await ask(() => engine.moment(tenant, null))
        if (pinned > moment.last) throw new CursorInvalid('the cursor is of no snapshot there is')
        // Whether it was purged is asked after the read.
        isPast = true
      }
      fixed ??= Promise.resolve(pinned)
      oldest = Math.min(oldest ?? pinned, pinned)
    },
    async read(seen, run) {
      const answer = await ask(run)
      if (isPast && (await ask(() => engine.moment(tenant, null))).horizon > seen) {
        throw new HistoryGone('the history does not go back so far any more')
      }
      return answer
    },
    async state() {
      const seen = fixed === null ? null : await fixed.catch(() => null)
      return { last: seen, oldest }
    },
  }
}
