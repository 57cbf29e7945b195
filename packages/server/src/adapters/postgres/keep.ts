import type { Pool } from 'pg'
import type { Keep } from '../../ports/keep.ts'
import { type KeepEngine, keepOver } from '../keep-over.ts'
import { readNumber } from '../read-number.ts'
import { isLost } from './pool.ts'

// Writes of this process between two sweeps of what has expired.
const sweepEvery = 256
const hour = 3_600_000

// The server's clock, so that processes whose clocks differ agree on what has expired. $1: an instant to use instead.
const clock = `clock as (
  select coalesce($1::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint) as now
)`
const live = '(k.expires_at is null or k.expires_at > (select now from clock))'
const expiry = '(select now + $4::bigint from clock)'

const sql = {
  read: `with ${clock} select key, value, version from console_keep k where key = any($2::text[]) and ${live}`,
  put: `with ${clock} insert into console_keep (key, value, version, expires_at)
    values ($2, $3, nextval('console_keep_version'), ${expiry})
    on conflict (key) do update
      set value = excluded.value, version = nextval('console_keep_version'), expires_at = excluded.expires_at
    returning version`,
  make: `with ${clock} insert into console_keep as k (key, value, version, expires_at)
    values ($2, $3, nextval('console_keep_version'), ${expiry})
    on conflict (key) do update
      set value = excluded.value, version = nextval('console_keep_version'), expires_at = excluded.expires_at
      where not ${live}
    returning version`,
  replace: `with ${clock} update console_keep k
    set value = $3, version = nextval('console_keep_version'), expires_at = ${expiry}
    where key = $2 and version = $5::bigint and ${live}
    returning version`,
  // The value's form is looked at before it is read as a number, whatever order the planner likes.
  increment: `with ${clock} insert into console_keep as k (key, value, version, expires_at)
    values ($2, $3::bigint::text, nextval('console_keep_version'), ${expiry})
    on conflict (key) do update set
      value = case when ${live} then (k.value::bigint + $3::bigint)::text else excluded.value end,
      version = nextval('console_keep_version'),
      expires_at = case when ${live} then k.expires_at else excluded.expires_at end
      where case
        when not ${live} then true
        when k.value !~ '^(0|-?[1-9][0-9]{0,15})$' then false
        else abs(k.value::bigint) <= ${Number.MAX_SAFE_INTEGER}
          and abs(k.value::bigint + $3::bigint) <= ${Number.MAX_SAFE_INTEGER}
      end
    returning value`,
  delete: `with ${clock} delete from console_keep k
    where key = $2 and ($3::bigint is null or version = $3::bigint) returning ${live} as live`,
  scan: `with ${clock} select key, value, version from console_keep k
    where key >= $2 collate "C" and ($3::text is null or key < $3 collate "C") and key > $4 collate "C" and ${live}
    order by key limit $5`,
  lease: `with ${clock} insert into console_keep_leases as k (name, holder, token, expires_at)
    values ($2, $3, nextval('console_keep_version'), ${expiry})
    on conflict (name) do update
      set holder = excluded.holder, token = nextval('console_keep_version'), expires_at = excluded.expires_at
      where k.holder = excluded.holder or not ${live}
    returning token`,
  renew: `with ${clock} update console_keep_leases k set expires_at = ${expiry}
    where name = $2 and token = $3::bigint and ${live} returning token`,
  // The row stays until the sweep, so that the next token is given under its lock.
  release: 'update console_keep_leases set expires_at = 0 where name = $1 and token = $2',
  sweep: `with ${clock} delete from console_keep where key in (
    select key from console_keep k where k.expires_at <= (select now from clock) limit 1000 for update skip locked)`,
  // A taker draws its token before it waits for the row. Only rows long out of use go, so that none that was drawn
  // before can still come in behind a higher one.
  sweepLeases: `with ${clock} delete from console_keep_leases where name in (
    select name from console_keep_leases k where k.expires_at <= (select now - ${hour} from clock) limit 1000
    for update skip locked)`,
}

interface Line {
  readonly key: string
  readonly value: string
  readonly version: string
}

function engineOn(pool: Pool, clockOf: () => number | null): KeepEngine {
  let writes = 0
  async function ask<Row extends object>(text: string, ...values: unknown[]): Promise<readonly Row[]> {
    return (await pool.query<Row>(text, [clockOf(), ...values])).rows
  }
  /** Asks, and now and then sweeps what has expired; a sweep that fails is made up for by the next. */
  async function write<Row extends object>(text: string, ...values: unknown[]): Promise<Row | null> {
    const [row] = await ask<Row>(text, ...values)
    writes += 1
    if (writes % sweepEvery === 0) {
      await ask(sql.sweep)
        .then(() => ask(sql.sweepLeases))
        .catch(() => undefined)
    }
    return row ?? null
  }
  type Versioned = Pick<Line, 'version'>

  return {
    async read(keys) {
      const lines = await ask<Line>(sql.read, keys)
      return new Map(lines.map(({ key, value, version }) => [key, { value, version }]))
    },
    async put(key, value, ttlMs) {
      return (await write<Versioned>(sql.put, key, value, ttlMs))?.version ?? ''
    },
    async compareAndSet(key, expected, value, ttlMs) {
      const row =
        expected === null
          ? await write<Versioned>(sql.make, key, value, ttlMs)
          : await write<Versioned>(sql.replace, key, value, ttlMs, expected)
      return row?.version ?? null
    },
    async increment(key, by, ttlMs) {
      const row = await write<Pick<Line, 'value'>>(sql.increment, key, by, ttlMs)
      return row === null ? null : readNumber(row.value)
    },
    async delete(key, expected) {
      return (await write<{ live: boolean }>(sql.delete, key, expected))?.live ?? false
    },
    scan: ({ from, after, end, limit }) => ask<Line>(sql.scan, from, end, after ?? '', limit),
    async lease(name, holder, ttlMs) {
      const row = await write<{ token: string }>(sql.lease, name, holder, ttlMs)
      return row === null ? null : readNumber(row.token)
    },
    async renew(name, token, ttlMs) {
      return (await write(sql.renew, name, token, ttlMs)) !== null
    },
    async release(name, token) {
      await pool.query(sql.release, [name, token])
    },
    async check() {
      await pool.query('select 1 from console_keep limit 1')
    },
    // The pool belongs to whoever opened it.
    close: async () => undefined,
  }
}

/** A `keep` in Postgres, on the server's clock unless `clock` (Unix ms) is given; closing it leaves the pool open. */
export function postgresKeep(needs: {
  readonly pool: Pool
  readonly clock?: () => number
  /** How often watches look, ms. */
  readonly pollMs?: number
}): Keep {
  const { clock: given } = needs
  return keepOver({
    engine: engineOn(needs.pool, () => given?.() ?? null),
    isLost,
    pollMs: needs.pollMs ?? 500,
  })
}
