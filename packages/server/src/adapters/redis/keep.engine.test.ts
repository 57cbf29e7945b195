import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { breakable } from '../../../test/engines/breakable.ts'
import { redisUrl } from '../../../test/engines/databases.ts'
import { keepSuite } from '../../ports/keep.suite.ts'
import { redisKeep } from './keep.ts'

keepSuite('redis', async () => {
  const way = await breakable(redisUrl())
  const prefix = `test ${randomUUID()} %*_[]:`
  return {
    open: async () => redisKeep({ url: way.url, prefix, pollMs: 10 }),
    durable: true,
    short: 1_500,
    // Redis' clock is the real one.
    advance: (ms) => pause(ms + 5),
    lose: async () => way.cut(),
    find: async () => way.mend(),
    dispose: () => way.close(),
  }
})

it('holds nothing of what has expired or was deleted', async () => {
  const prefix = `test:${randomUUID()}:`
  const keep = redisKeep({ url: redisUrl(), prefix })
  const redis = new Redis(redisUrl())
  for (let n = 0; n < 100; n += 1) await keep.put(`a${n}`, 'v', 10)
  await keep.put('b', 'v')
  await keep.delete('b')
  await (await keep.lease('x', 'me', 10))?.release()
  await pause(15)
  for (let n = 0; n < 10; n += 1) await keep.put('c', 'v', 60_000)
  expect((await redis.keys(`${prefix}*`)).sort()).toEqual(
    ['counter', 'expiring', 'index', 'value:c'].map((name) => prefix + name),
  )
  expect(await redis.zrange(`${prefix}index`, '0', '-1')).toEqual(['c'])
  expect(await redis.zrange(`${prefix}expiring`, '0', '-1')).toEqual(['c'])
  redis.disconnect()
  await keep.close()
})

it('goes on after Redis forgot the scripts and everything else, with higher numbers', async () => {
  const prefix = `test:${randomUUID()}:`
  const keep = redisKeep({ url: redisUrl(), prefix })
  const redis = new Redis(redisUrl())
  const before = await keep.put('a', 'v')
  const lease = await keep.lease('x', 'me', 60_000)
  await redis.script('FLUSH')
  await redis.del(...(await redis.keys(`${prefix}*`)))
  expect(Number((await keep.put('a', 'v')).version)).toBeGreaterThan(Number(before.version))
  expect((await keep.lease('x', 'you', 60_000))?.token).toBeGreaterThan(lease?.token ?? 0)
  redis.disconnect()
  await keep.close()
})
