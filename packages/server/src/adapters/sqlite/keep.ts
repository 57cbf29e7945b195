import type { DatabaseSync } from 'node:sqlite'
import type { Keep } from '../../ports/keep.ts'
import { wholeOf } from '../keep-input.ts'
import { type KeepEngine, keepOver } from '../keep-over.ts'
import { readNumber } from '../read-number.ts'
import { immediately, isSqliteLost } from './open.ts'
import { prepared } from './prepared.ts'

// Writes between two sweeps of what has expired.
const sweepEvery = 256

function engineOn(db: DatabaseSync, now: () => number): KeepEngine {
  let writes = 0
  const { all, one, run } = prepared(db)
  const expiry = (ttlMs: number | null) => (ttlMs === null ? null : now() + ttlMs)
  const next = () => readNumber(one('update console_keep_counter set last = last + 1 returning last')?.last)

  function write<Result>(change: () => Result): Result {
    return immediately(db, () => {
      writes += 1
      if (writes % sweepEvery === 0) {
        run('delete from console_keep where expires_at <= ?', now())
        run('delete from console_keep_leases where expires_at <= ?', now())
      }
      return change()
    })
  }
  function live(key: string) {
    const row = one(
      'select value, version, expires_at from console_keep where key = ? and (expires_at is null or expires_at > ?)',
      key,
      now(),
    )
    if (row === undefined) return undefined
    const expiresAt = row.expires_at === null ? null : readNumber(row.expires_at)
    return { value: String(row.value), version: String(row.version), expiresAt }
  }
  function store(key: string, value: string, expiresAt: number | null): string {
    const version = next()
    run(
      `insert into console_keep (key, value, version, expires_at) values (?, ?, ?, ?)
       on conflict (key) do update set value = excluded.value, version = excluded.version, expires_at = excluded.expires_at`,
      key,
      value,
      version,
      expiresAt,
    )
    return String(version)
  }

  return {
    async read(keys) {
      return new Map(
        keys.flatMap((key) => {
          const found = live(key)
          return found === undefined ? [] : [[key, { value: found.value, version: found.version }]]
        }),
      )
    },
    put: async (key, value, ttlMs) => write(() => store(key, value, expiry(ttlMs))),
    compareAndSet: async (key, expected, value, ttlMs) =>
      write(() => ((live(key)?.version ?? null) === expected ? store(key, value, expiry(ttlMs)) : null)),
    increment: async (key, by, ttlMs) =>
      write(() => {
        const found = live(key)
        const whole = found === undefined ? 0 : wholeOf(found.value)
        if (whole === null || !Number.isSafeInteger(whole + by)) return null
        store(key, String(whole + by), found === undefined ? expiry(ttlMs) : found.expiresAt)
        return whole + by
      }),
    delete: async (key, expected) =>
      write(() => {
        const found = live(key)
        if (found === undefined || (expected !== null && found.version !== expected)) return false
        return run('delete from console_keep where key = ?', key) > 0
      }),
    async scan({ from, after, end, limit }) {
      const rows = all(
        `select key, value, version from console_keep
         where key >= ? and (? is null or key < ?) and key > ? and (expires_at is null or expires_at > ?)
         order by key limit ?`,
        from,
        end,
        end,
        after ?? '',
        now(),
        limit,
      )
      return rows.map((row) => ({
        key: String(row.key),
        value: String(row.value),
        version: String(row.version),
      }))
    },
    lease: async (name, holder, ttlMs) =>
      write(() => {
        const at = now()
        const taken = one(
          'select holder from console_keep_leases where name = ? and expires_at > ?',
          name,
          at,
        )
        if (taken !== undefined && taken.holder !== holder) return null
        const token = next()
        run(
          'insert or replace into console_keep_leases (name, holder, token, expires_at) values (?, ?, ?, ?)',
          name,
          holder,
          token,
          at + ttlMs,
        )
        return token
      }),
    async renew(name, token, ttlMs) {
      const at = now()
      return (
        run(
          'update console_keep_leases set expires_at = ? where name = ? and token = ? and expires_at > ?',
          at + ttlMs,
          name,
          token,
          at,
        ) > 0
      )
    },
    async release(name, token) {
      run('delete from console_keep_leases where name = ? and token = ?', name, token)
    },
    async check() {
      one('select last from console_keep_counter')
    },
    // The file belongs to whoever opened it.
    close: async () => undefined,
  }
}

/** A `keep` in a SQLite file that `openSqlite` opened and migrated; closing it leaves the file open. */
export function sqliteKeep(needs: {
  readonly db: DatabaseSync
  readonly now: () => number
  /** How often watches look, ms. */
  readonly pollMs?: number
}): Keep {
  return keepOver({
    engine: engineOn(needs.db, needs.now),
    isLost: isSqliteLost,
    pollMs: needs.pollMs ?? 500,
  })
}
