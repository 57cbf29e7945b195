import { type Commit, HistoryGone } from '../ports/tables.ts'
import type { Waker } from './follow.ts'

// How often in a row a read may fail before the engine counts as away for good.
const tries = 5

/** What the waker knows a tenant's commits by. */
export function changesKey(tenant: string): string {
  return `tables ${tenant}`
}

/**
 * Follows a tenant's commits by reading them after each wake, and at least every `pollMs`. Numbers have no gap but where
 * commits were purged: then it throws `HistoryGone`, as what they touched can never be told.
 */
export async function* followCommits(needs: {
  readonly tenant: string
  readonly after: number
  readonly signal: AbortSignal
  readonly waker: Waker
  readonly pollMs: number
  /** Commits after a number, in order; none when there are none. */
  readonly read: (after: number) => Promise<readonly Commit[]>
  /** Whether it is worth to ask again after this error. */
  readonly mayHeal: (error: unknown) => boolean
}): AsyncGenerator<Commit> {
  const { signal, waker } = needs
  const key = changesKey(needs.tenant)
  let last = needs.after
  let failures = 0
  while (!signal.aborted) {
    const seen = waker.seen(key)
    let commits: readonly Commit[] = []
    try {
      commits = await needs.read(last)
      failures = 0
    } catch (error) {
      failures += 1
      if (failures >= tries || !needs.mayHeal(error)) throw error
    }
    for (const commit of commits) {
      if (signal.aborted) return
      if (commit.number !== last + 1) throw new HistoryGone('commits behind this one were purged')
      last = commit.number
      yield commit
    }
    // After a failure no wake is waited for: it is the engine that must come back.
    if (failures > 0) await waker.wait(key, waker.seen(key), Math.max(needs.pollMs, 1_000), signal)
    else if (commits.length === 0) await waker.wait(key, seen, needs.pollMs, signal)
  }
}
