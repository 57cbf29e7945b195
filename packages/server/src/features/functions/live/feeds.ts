import type { OpenFeed } from '../../../core/feed.ts'
import type { Tables } from '../../../ports/tables.ts'
import type { LoadedApp } from '../loaded-app.ts'
import type { Permitted } from '../rights/permitted.ts'
import type { Runner } from '../runner.ts'
import { changeFeed } from './change-feed.ts'
import { createCommits } from './commits.ts'
import { liveFeed } from './live-feed.ts'
import { createLiveRuns } from './live-runs.ts'
import { createReadPairs } from './row-pairs.ts'

/** The topics of functions. All of them stand on one follower of commits a tenant, and share what they read of each. */
export function functionFeeds(needs: {
  /** The app that runs now; null without one. */
  readonly app: () => LoadedApp | null
  readonly tables: Tables
  readonly runner: Pick<Runner, 'look'>
  readonly permitted: Permitted
  readonly now: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** A run that failed. Its arguments are not told. */
  readonly failed?: (fn: string, error: unknown) => void
}): Readonly<Record<'functions.change/:table' | 'functions.live/:fn', OpenFeed>> {
  const commits = createCommits(needs)
  const readPairs = createReadPairs(needs.tables)
  const shared = { ...needs, commits, readPairs }
  const runs = createLiveRuns({ ...shared, failed: needs.failed ?? (() => undefined) })
  return {
    'functions.change/:table': changeFeed(shared),
    'functions.live/:fn': liveFeed({ ...shared, runs }),
  }
}
