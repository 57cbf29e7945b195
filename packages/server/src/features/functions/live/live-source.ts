import type { FeedSource } from '../../../core/feed.ts'
import type { Commits } from './commits.ts'
import type { LiveQuery, LiveRuns } from './live-runs.ts'

/** A live query as one caller follows it, through all runs that it may take part in. */
export function liveSource(
  needs: { readonly runs: LiveRuns; readonly commits: Commits },
  query: LiveQuery,
): FeedSource {
  const { runs, commits } = needs
  return {
    head: commits.head,
    async snapshot(tenant, at) {
      // What was committed before somebody joins is in what it is told first.
      const from = Math.max(at, await commits.head(tenant))
      for (;;) {
        const lease = runs.lease(query)
        try {
          const present = await lease.run.present(from)
          if (present !== null) return present.event
        } finally {
          lease.release()
        }
      }
    },
    since: async () => 'unknown',
    async *follow(_tenant, _after, signal) {
      let last: string | null = null
      while (!signal.aborted) {
        const lease = runs.lease(query)
        try {
          for await (const { event, digest } of lease.run.events(signal)) {
            // A run that took over from another one begins with what was said already.
            if (digest !== last) yield event
            last = digest
          }
        } finally {
          lease.release()
        }
      }
    },
  }
}
