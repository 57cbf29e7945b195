// A process of its own that asks to pass: `node limits-load.ts <redis|postgres> <url> <prefix> <count> <windowMs>`. Says
// `ready`, and then for each number it reads makes so many checks at once and prints how many passed.

import { createInterface } from 'node:readline'
import { postgresKeep } from '../../src/adapters/postgres/keep.ts'
import { openPool } from '../../src/adapters/postgres/pool.ts'
import { redisKeep } from '../../src/adapters/redis/keep.ts'
import { createLimiter } from '../../src/core/limits/limiter.ts'
import { noMeter } from '../../src/core/meter.ts'

const [, , engine = '', url = '', prefix = '', count = '', windowMs = ''] = process.argv
const pool = engine === 'postgres' ? openPool({ url, max: 4 }) : null
const keep = pool === null ? redisKeep({ url, prefix }) : postgresKeep({ pool })
const limiter = createLimiter({
  keep,
  now: Date.now,
  strategy: 'moving-window',
  whenLost: 'closed',
  meter: noMeter,
})
const limits = [{ count: Number(count), windowMs: Number(windowMs) }]
await keep.check()
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const verdicts = await Promise.all(
    Array.from({ length: Number(line) }, () => limiter.take(`${prefix}k`, limits)),
  )
  console.log(verdicts.filter(({ admitted }) => admitted).length)
}
await keep.close()
await pool?.end()
