import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { memoryKeep } from '../packages/server/src/adapters/memory/keep.ts'
import { postgresKeep } from '../packages/server/src/adapters/postgres/keep.ts'
import { migrate } from '../packages/server/src/adapters/postgres/migrate.ts'
import { openPool } from '../packages/server/src/adapters/postgres/pool.ts'
import { redisKeep } from '../packages/server/src/adapters/redis/keep.ts'
import { createLimiter, type Limit } from '../packages/server/src/core/limits/limiter.ts'
import { noMeter } from '../packages/server/src/core/meter.ts'
import type { Keep } from '../packages/server/src/ports/keep.ts'
import { startPostgres } from '../packages/server/test/engines/start-postgres.ts'
import { startRedis } from '../packages/server/test/engines/start-redis.ts'
import { compare, concurrently } from './measure.ts'

// What a checked limit costs: round trips to the store a check, and checks a second against a bare compare-and-set of a
// value of the same size, in turn, on the same engine.
const postgres = await startPostgres()
const redis = await startRedis()
const client = new pg.Client({ connectionString: postgres.url })
await client.connect()
await migrate({ client, by: 'bench', now: Date.now })
await client.end()
const pool = openPool({ url: postgres.url, max: 8 })
const engines = [
  { name: 'memory', keep: memoryKeep({ now: Date.now }), total: 20_000 },
  { name: 'Redis', keep: redisKeep({ url: redis.url }), total: 5_000 },
  { name: 'Postgres', keep: postgresKeep({ pool }), total: 1_000 },
]
/** Never full, kept by slots: 61 of them at most. */
const open = [{ count: 1_000_000_000, windowMs: 60_000 }]
/** Never full, kept one by one: as long as a value gets. */
const exact = [{ count: 1_000, windowMs: 3_600_000 }]
const full = [{ count: 1, windowMs: 3_600_000 }]

function counting(keep: Keep) {
  const trips = { count: 0 }
  const counted: Keep = {
    ...keep,
    get(key) {
      trips.count += 1
      return keep.get(key)
    },
    compareAndSet(...words) {
      trips.count += 1
      return keep.compareAndSet(...words)
    },
  }
  return { trips, keep: counted }
}
const limiterOn = (keep: Keep) =>
  createLimiter({ keep, now: Date.now, strategy: 'moving-window', whenLost: 'closed', meter: noMeter })

for (const { name, keep: real, total } of engines) {
  const { trips, keep } = counting(real)
  const limiter = limiterOn(keep)
  const other = limiterOn(keep)
  const take = (key: string, limits: readonly Limit[], by = limiter) => by.take(key, limits)
  const bare = randomUUID()
  let version = (await real.put(bare, 'x'.repeat(300))).version
  const key = randomUUID()
  await take('full', full)
  const keys = Array.from({ length: 64 }, () => randomUUID())

  const sides: { name: string; run: () => Promise<number> }[] = [
    {
      name: 'one key, one at a time',
      async run() {
        await concurrently(total, 1, () => take(key, open))
        return total
      },
    },
    {
      name: 'one key, each admission remembered (up to 1,000)',
      async run() {
        const own = randomUUID()
        await concurrently(1_000, 1, () => take(own, exact))
        return 1_000
      },
    },
    {
      name: 'one key, 64 at a time',
      async run() {
        await concurrently(total * 4, 64, () => take(key, open))
        return total * 4
      },
    },
    {
      name: '64 keys, 64 at a time',
      async run() {
        await concurrently(total, 64, (n) => take(keys[n % 64] ?? '', open))
        return total
      },
    },
    {
      name: 'refused',
      async run() {
        await concurrently(total, 1, () => take('full', full))
        return total
      },
    },
    {
      name: 'one key, two processes in turn',
      async run() {
        await concurrently(total, 1, (n) => take(key, open, n % 2 === 0 ? limiter : other))
        return total
      },
    },
    {
      name: 'one key, two processes, 32 at a time each',
      async run() {
        await concurrently(total * 4, 64, (n) => take(key, open, n % 2 === 0 ? limiter : other))
        return total * 4
      },
    },
  ]
  const perCheck = new Map<string, number>()
  await compare(`${name}: checks against a bare compare-and-set`, 5, [
    {
      name: 'bare compareAndSet of 300 letters, one at a time',
      async run() {
        for (let n = 0; n < total; n += 1)
          version = (await real.compareAndSet(bare, version, 'x'.repeat(300), 60_000))?.version ?? ''
        return total
      },
    },
    ...sides.map((side) => ({
      name: side.name,
      async run() {
        const before = trips.count
        const done = await side.run()
        perCheck.set(side.name, (trips.count - before) / done)
        return done
      },
    })),
  ])
  console.log(`${name}: round trips to the store a check`)
  for (const [side, count] of perCheck) console.log(`  ${side.padEnd(52)} ${count.toFixed(3).padStart(12)}`)
}
await Promise.all(engines.map(({ keep }) => keep.close()))
await pool.end()
await redis.stop()
await postgres.stop()
