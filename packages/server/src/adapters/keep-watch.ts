import type { Kept } from '../ports/keep.ts'

/** Watches of one handle: all keys are read together. */
export interface KeepWatch {
  watch(key: string, signal: AbortSignal): AsyncIterable<Kept | null>
  /** Says that this process wrote a key. */
  changed(key: string): void
  /** Lets every watch look once more, so that it sees the end of the handle. */
  wakeAll(): void
}

interface Watcher {
  /** Whether something may have come since the last look. */
  due: boolean
  rouse: () => void
}

/** Looks at all watched keys every `pollMs`, and at a key at once when this process wrote it. */
export function keepWatch(needs: {
  readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Kept>>
  readonly pollMs: number
}): KeepWatch {
  const watched = new Map<string, Set<Watcher>>()
  let timer: NodeJS.Timeout | undefined
  let next: { keys: Set<string>; found: Promise<ReadonlyMap<string, Kept>> } | null = null

  function wake(watchers: Iterable<Watcher>) {
    for (const watcher of watchers) {
      watcher.due = true
      watcher.rouse()
    }
  }
  function wakeAll() {
    for (const watchers of watched.values()) wake(watchers)
  }

  function enter(key: string, watcher: Watcher) {
    const watchers = watched.get(key) ?? new Set()
    watched.set(key, watchers.add(watcher))
    timer ??= setInterval(wakeAll, needs.pollMs)
  }
  function leave(key: string, watcher: Watcher) {
    const watchers = watched.get(key)
    watchers?.delete(watcher)
    if (watchers?.size === 0) watched.delete(key)
    if (watched.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  /** Joins the reads of one turn of the event loop. */
  async function read(key: string): Promise<Kept | null> {
    if (next === null) {
      const keys = new Set<string>()
      const found = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        next = null
        return needs.read([...keys])
      })
      next = { keys, found }
    }
    next.keys.add(key)
    return (await next.found).get(key) ?? null
  }

  function sleep(watcher: Watcher, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done)
        watcher.rouse = () => undefined
        resolve()
      }
      if (watcher.due || signal.aborted) {
        resolve()
        return
      }
      watcher.rouse = done
      signal.addEventListener('abort', done, { once: true })
    })
  }

  async function* watch(key: string, signal: AbortSignal): AsyncGenerator<Kept | null> {
    const watcher: Watcher = { due: true, rouse: () => undefined }
    let known: string | null | undefined
    enter(key, watcher)
    try {
      while (!signal.aborted) {
        watcher.due = false
        const kept = await read(key)
        const version = kept?.version ?? null
        if (version !== known && !signal.aborted) {
          known = version
          yield kept
        }
        await sleep(watcher, signal)
      }
    } finally {
      leave(key, watcher)
    }
  }

  return { watch, changed: (key) => wake(watched.get(key) ?? []), wakeAll }
}
