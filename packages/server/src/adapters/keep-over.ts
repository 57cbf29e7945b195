import type { Keep, Kept } from '../ports/keep.ts'
import { KeepLost, NotANumber } from '../ports/keep.ts'
import { checkKey, checkValue, checkWhole, prefixEnd, ttlOf } from './keep-input.ts'
import { keepWatch } from './keep-watch.ts'

/** What an engine must do for a `keep`; its arguments are checked. Versions are decimal numbers as text. */
export interface KeepEngine {
  /** The live ones of these keys. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, Kept>>
  /** Answers the new version. */
  put(key: string, value: string, ttlMs: number | null): Promise<string>
  compareAndSet(
    key: string,
    expected: string | null,
    value: string,
    ttlMs: number | null,
  ): Promise<string | null>
  /** Null: the value is no number, or the sum is too big. */
  increment(key: string, by: number, ttlMs: number | null): Promise<number | null>
  delete(key: string, expected: string | null): Promise<boolean>
  /** Live keys from `from` on (`after`: behind it), below `end`. */
  scan(range: {
    readonly from: string
    readonly after: string | null
    readonly end: string | null
    readonly limit: number
  }): Promise<readonly { key: string; value: string; version: string }[]>
  /** Answers the token. */
  lease(name: string, holder: string, ttlMs: number): Promise<number | null>
  renew(name: string, token: number, ttlMs: number): Promise<boolean>
  release(name: string, token: number): Promise<void>
  check(): Promise<void>
  close(): Promise<void>
}

const versionForm = /^\d{1,18}$/

/** A `keep` over an engine: what all of them share, so that they cannot differ in it. */
export function keepOver(needs: {
  readonly engine: KeepEngine
  /** Whether an error of the engine says that it is away. */
  readonly isLost: (error: unknown) => boolean
  readonly pollMs: number
}): Keep {
  const { engine } = needs
  let open = true

  async function ask<Result>(run: () => Promise<Result>): Promise<Result> {
    if (!open) throw new KeepLost('the handle is closed')
    try {
      return await run()
    } catch (error) {
      throw needs.isLost(error) ? new KeepLost('the engine is away', { cause: error }) : error
    }
  }
  const watches = keepWatch({ read: (keys) => ask(() => engine.read(keys)), pollMs: needs.pollMs })

  async function change<Result>(key: string, run: () => Promise<Result>): Promise<Result> {
    try {
      return await ask(run)
    } finally {
      watches.changed(key)
    }
  }

  return {
    async get(key) {
      checkKey(key)
      return (await ask(() => engine.read([key]))).get(key) ?? null
    },
    async put(key, value, ttlMs) {
      checkKey(key)
      checkValue(value)
      const ttl = ttlOf(ttlMs)
      return { value, version: await change(key, () => engine.put(key, value, ttl)) }
    },
    async compareAndSet(key, expected, value, ttlMs) {
      checkKey(key)
      checkValue(value)
      const ttl = ttlOf(ttlMs)
      if (expected !== null && !versionForm.test(expected)) return null
      const version = await change(key, () => engine.compareAndSet(key, expected, value, ttl))
      return version === null ? null : { value, version }
    },
    async increment(key, by, ttlMs) {
      checkKey(key)
      checkWhole(by, -Number.MAX_SAFE_INTEGER, 'the increment')
      const ttl = ttlOf(ttlMs)
      const sum = await change(key, () => engine.increment(key, by === 0 ? 0 : by, ttl))
      if (sum === null) throw new NotANumber('the value is no whole number, or the sum is too big')
      return sum
    },
    async delete(key, expected) {
      checkKey(key)
      if (expected !== undefined && !versionForm.test(expected)) return false
      return change(key, () => engine.delete(key, expected ?? null))
    },
    async scan(prefix, limit, after) {
      if (prefix !== '') checkKey(prefix, 'the prefix')
      if (after !== undefined && after !== '') checkKey(after, 'the key to go on behind')
      checkWhole(limit, 0, 'the limit')
      if (limit === 0) return []
      const end = prefixEnd(prefix)
      return ask(() => engine.scan({ from: prefix, after: after ?? null, end, limit }))
    },
    watch(key, signal) {
      checkKey(key)
      return watches.watch(key, signal)
    },
    async lease(name, holder, ttlMs) {
      checkKey(name, 'the name')
      checkKey(holder, 'the holder')
      checkWhole(ttlMs, 1, 'the time to live')
      const token = await ask(() => engine.lease(name, holder, ttlMs))
      if (token === null) return null
      return {
        token,
        async renew(renewMs) {
          checkWhole(renewMs, 1, 'the time to live')
          return ask(() => engine.renew(name, token, renewMs))
        },
        release: () => ask(() => engine.release(name, token)),
      }
    },
    check: () => ask(() => engine.check()),
    async close() {
      if (!open) return
      open = false
      watches.wakeAll()
      await engine.close()
    },
  }
}
