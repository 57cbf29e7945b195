import { coalesce } from '../../../core/coalesce.ts'
import type { Commit, Tables } from '../../../ports/tables.ts'

/** The newest commits of a tenant that are kept for followers who are a little behind. */
const kept = 256
/** How long what others committed may take to be heard of before it is looked for, ms. */
const patience = 50

/** The commits of tenants, read once in this process for all topics that need them. */
export interface Commits {
  /** The number of the tenant's last commit right now. */
  head(tenant: string): Promise<number>
  /** Every commit after a number, in order, then each new one, until aborted. */
  follow(tenant: string, after: number, signal: AbortSignal): AsyncIterable<Commit>
  /** Sees to it that followers of a tenant hear soon of a commit that there is. */
  hurry(tenant: string, number: number, signal: AbortSignal): Promise<void>
}

interface Ring {
  readonly recent: Commit[]
  /** What was committed up to here is not in `recent`. */
  before: number
  last: number
  readonly sleepers: Set<() => void>
  readonly stop: AbortController
  /** Ends the reading that is under way; it begins anew at once. */
  nudge: () => void
  followers: number
}

/** Makes the one follower of commits that all topics of functions share. It reads while somebody follows. */
export function createCommits(needs: {
  readonly tables: Pick<Tables, 'begin' | 'changes'>
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}): Commits {
  const { tables, pause } = needs
  const rings = new Map<string, Ring>()
  const heads = new Map<string, () => Promise<number>>()

  async function readHead(tenant: string): Promise<number> {
    const tx = tables.begin({ tenant })
    try {
      return await tx.snapshot()
    } finally {
      tx.abort()
    }
  }

  function open(tenant: string, after: number): Ring {
    const stop = new AbortController()
    const ring: Ring = {
      recent: [],
      before: after,
      last: after,
      sleepers: new Set(),
      stop,
      nudge() {},
      followers: 0,
    }
    rings.set(tenant, ring)
    void fill(tenant, ring)
    return ring
  }

  async function fill(tenant: string, ring: Ring): Promise<void> {
    const { signal } = ring.stop
    while (!signal.aborted) {
      const reading = new AbortController()
      ring.nudge = () => reading.abort()
      try {
        const until = AbortSignal.any([signal, reading.signal])
        for await (const commit of tables.changes(tenant, ring.last, until)) put(ring, commit)
      } catch {
        // It begins again where it was.
      }
      if (!signal.aborted && !reading.signal.aborted) await pause(500, signal)
    }
  }

  function put(ring: Ring, commit: Commit): void {
    ring.recent.push(commit)
    ring.last = commit.number
    if (ring.recent.length > kept) ring.before = ring.recent.shift()?.number ?? ring.before
    for (const wake of [...ring.sleepers]) wake()
  }

  /** Resolves at the next commit, or when aborted. */
  function sleep(ring: Ring, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        ring.sleepers.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      ring.sleepers.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  return {
    head(tenant) {
      let ask = heads.get(tenant)
      if (ask === undefined) {
        ask = coalesce(() => readHead(tenant))
        heads.set(tenant, ask)
      }
      return ask()
    },
    async *follow(tenant, after, signal) {
      if (signal.aborted) return
      const ring = rings.get(tenant) ?? open(tenant, after)
      ring.followers += 1
      let at = after
      try {
        while (!signal.aborted) {
          if (at < ring.before) {
            // Too far behind for what is kept: it reads by itself until it has caught up.
            for await (const commit of tables.changes(tenant, at, signal)) {
              at = commit.number
              yield commit
              if (at >= ring.before) break
            }
          } else {
            const next = ring.recent.find(({ number }) => number > at)
            if (next === undefined) await sleep(ring, signal)
            else {
              at = next.number
              yield next
            }
          }
        }
      } finally {
        ring.followers -= 1
        if (ring.followers === 0) {
          ring.stop.abort()
          rings.delete(tenant)
        }
      }
    },
    async hurry(tenant, number, signal) {
      for (;;) {
        const ring = rings.get(tenant)
        if (ring === undefined || ring.last >= number || signal.aborted) return
        const waiting = new AbortController()
        const either = AbortSignal.any([signal, waiting.signal])
        void pause(patience, either).then(() => waiting.abort())
        await sleep(ring, either)
        if (waiting.signal.aborted && ring.last < number) ring.nudge()
        waiting.abort()
      }
    },
  }
}
