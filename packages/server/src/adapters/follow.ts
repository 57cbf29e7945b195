import type { Stored } from '../ports/log.ts'

/** Tells followers of a key that something may have come. Hints only: a follower always reads the log itself. */
export interface Waker {
  /** Counts the wakes of a key; take it before reading. */
  seen(key: string): number
  wake(key: string): void
  wakeAll(): void
  /** Resolves when the key was woken since `seen`, when `ms` have passed, or when aborted. */
  wait(key: string, seen: number, ms: number, signal: AbortSignal): Promise<void>
}

/** A waker for the followers within this process. */
export function createWaker(): Waker {
  const counts = new Map<string, number>()
  const sleepers = new Map<string, Set<() => void>>()
  let everyone = 0
  const seen = (key: string) => (counts.get(key) ?? 0) + everyone
  const rouse = (key: string) => {
    for (const go of [...(sleepers.get(key) ?? [])]) go()
  }
  return {
    seen,
    wake(key) {
      counts.set(key, (counts.get(key) ?? 0) + 1)
      rouse(key)
    },
    wakeAll() {
      everyone += 1
      for (const key of [...sleepers.keys()]) rouse(key)
    },
    wait(key, before, ms, signal) {
      if (signal.aborted || seen(key) !== before) return Promise.resolve()
      return new Promise((resolve) => {
        const mine = sleepers.get(key) ?? new Set()
        sleepers.set(key, mine)
        const go = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', go)
          mine.delete(go)
          if (mine.size === 0) sleepers.delete(key)
          resolve()
        }
        const timer = setTimeout(go, ms)
        signal.addEventListener('abort', go, { once: true })
        mine.add(go)
      })
    },
  }
}

/** Follows a log by reading it whenever it may have grown: after a wake, and at least every `pollMs`. */
export async function* followBy(needs: {
  readonly key: string
  readonly after: number
  readonly signal: AbortSignal
  readonly waker: Waker
  readonly pollMs: number
  readonly read: (after: number, limit: number) => Promise<readonly Stored[]>
}): AsyncGenerator<readonly Stored[]> {
  let position = needs.after
  while (!needs.signal.aborted) {
    const seen = needs.waker.seen(needs.key)
    const entries = await needs.read(position, 1_000)
    const last = entries.at(-1)
    if (last === undefined) await needs.waker.wait(needs.key, seen, needs.pollMs, needs.signal)
    else {
      position = last.position
      yield entries
    }
  }
}
