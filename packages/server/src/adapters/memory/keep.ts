import type { Keep, Kept } from '../../ports/keep.ts'
import { wholeOf } from '../keep-input.ts'
import { type KeepEngine, keepOver } from '../keep-over.ts'

interface Item {
  readonly value: string
  readonly version: string
  /** Unix ms; null: stays. */
  readonly expiresAt: number | null
}

/** What several handles of one process share. */
export interface MemoryShelf {
  readonly items: Map<string, Item>
  readonly leases: Map<string, { holder: string; token: number; expiresAt: number }>
  last: number
}

/** An empty shelf. */
export function memoryShelf(): MemoryShelf {
  return { items: new Map(), leases: new Map(), last: 0 }
}

const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

function engineOn(shelf: MemoryShelf, now: () => number): KeepEngine {
  const next = () => String(++shelf.last)
  const expiry = (ttlMs: number | null) => (ttlMs === null ? null : now() + ttlMs)
  function live(key: string): Item | undefined {
    const item = shelf.items.get(key)
    if (item === undefined || item.expiresAt === null || item.expiresAt > now()) return item
    shelf.items.delete(key)
    return undefined
  }
  function store(key: string, value: string, expiresAt: number | null): string {
    const version = next()
    shelf.items.set(key, { value, version, expiresAt })
    return version
  }
  function held(name: string) {
    const lease = shelf.leases.get(name)
    return lease !== undefined && lease.expiresAt > now() ? lease : undefined
  }

  return {
    async read(keys) {
      const found = new Map<string, Kept>()
      for (const key of keys) {
        const item = live(key)
        if (item !== undefined) found.set(key, { value: item.value, version: item.version })
      }
      return found
    },
    put: async (key, value, ttlMs) => store(key, value, expiry(ttlMs)),
    async compareAndSet(key, expected, value, ttlMs) {
      if ((live(key)?.version ?? null) !== expected) return null
      return store(key, value, expiry(ttlMs))
    },
    async increment(key, by, ttlMs) {
      const item = live(key)
      const whole = item === undefined ? 0 : wholeOf(item.value)
      if (whole === null || !Number.isSafeInteger(whole + by)) return null
      store(key, String(whole + by), item === undefined ? expiry(ttlMs) : item.expiresAt)
      return whole + by
    },
    async delete(key, expected) {
      const item = live(key)
      if (item === undefined || (expected !== null && item.version !== expected)) return false
      return shelf.items.delete(key)
    },
    async scan({ from, after, limit }) {
      return [...shelf.items.keys()]
        .filter((key) => key.startsWith(from) && (after === null || byCodePoint(key, after) > 0))
        .sort(byCodePoint)
        .flatMap((key) => {
          const item = live(key)
          return item === undefined ? [] : [{ key, value: item.value, version: item.version }]
        })
        .slice(0, limit)
    },
    async lease(name, holder, ttlMs) {
      const lease = held(name)
      if (lease !== undefined && lease.holder !== holder) return null
      shelf.last += 1
      shelf.leases.set(name, { holder, token: shelf.last, expiresAt: now() + ttlMs })
      return shelf.last
    },
    async renew(name, token, ttlMs) {
      const lease = held(name)
      if (lease?.token !== token) return false
      lease.expiresAt = now() + ttlMs
      return true
    },
    async release(name, token) {
      if (held(name)?.token === token) shelf.leases.delete(name)
    },
    check: async () => undefined,
    close: async () => undefined,
  }
}

/** A `keep` in memory: what tests stand on, and the reference for the other engines. */
export function memoryKeep(needs: {
  readonly now: () => number
  /** Shared with other handles of this process. */
  readonly shelf?: MemoryShelf
  /** How often watches look, ms. */
  readonly pollMs?: number
}): Keep {
  return keepOver({
    engine: engineOn(needs.shelf ?? memoryShelf(), needs.now),
    isLost: () => false,
    pollMs: needs.pollMs ?? 500,
  })
}
