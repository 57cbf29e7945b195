import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import type { Started } from '../engines/start-postgres.ts'
import { startRedis } from '../engines/start-redis.ts'
import { alive, stageOf } from './alive.ts'
import { ask } from './ask.ts'

describe('limits in Redis', () => {
  let redis: Started
  afterEach(() => redis.stop())
  /** A Redis of the test's own, which it may end. */
  const open = async () => {
    redis = await startRedis()
    return redis.url
  }

  alive(
    'CONSOLE_RATE_LIMIT_REDIS_URL',
    open,
    async (stage) => {
      const { CONSOLE_RATE_LIMIT_REDIS_URL } = stage.running.config.texts
      const other = await stageOf({
        CONSOLE_RATE_LIMIT_REDIS_URL: CONSOLE_RATE_LIMIT_REDIS_URL.value,
        CONSOLE_DEFAULT_LIMITS: '2/minute',
      })
      const statuses: number[] = []
      for (const one of [stage, other, stage, other]) statuses.push((await ask(one, 'GET /session')).status)
      expect(statuses).toEqual([200, 200, 429, 429])
    },
    { CONSOLE_DEFAULT_LIMITS: '2/minute' },
  )

  alive(
    'CONSOLE_RATE_LIMIT_ON_STORE_FAILURE',
    'closed',
    async (stage) => {
      expect((await ask(stage, 'GET /session')).status).toBe(200)
      await redis.stop()
      expect((await ask(stage, 'GET /session')).status).toBe(503)
    },
    async () => ({ CONSOLE_RATE_LIMIT_REDIS_URL: await open() }),
  )

  it('that is lost shows in the metrics and in /readyz, which stays ready', async () => {
    const stage = await stageOf({
      CONSOLE_RATE_LIMIT_REDIS_URL: await open(),
      CONSOLE_METRICS_ENABLED: 'true',
      CONSOLE_METRICS_PORT: '0',
    })
    const degraded = async () => {
      const text = await (await fetch(`http://127.0.0.1:${stage.running.metricsPort}/metrics`)).text()
      return /^quarterdeck_limit_store_degraded (\d)$/m.exec(text)?.[1]
    }
    expect((await ask(stage, 'GET /session')).status).toBe(200)
    expect(await degraded()).toBe('0')
    await redis.stop()
    expect((await ask(stage, 'GET /session')).status).toBe(200)
    expect(await degraded()).toBe('1')
    expect(await ask(stage, 'GET /readyz')).toMatchObject({
      status: 200,
      body: { degraded: ['limits_local'] },
    })
  })

  alive(
    'CONSOLE_REDIS_URL',
    open,
    async (stage) => {
      expect((await ask(stage, 'GET /session')).status).toBe(200)
    },
    { CONSOLE_KEEP_STORAGE: 'redis' },
  )

  alive(
    'CONSOLE_KEEP_STORAGE',
    'redis',
    async () => {
      // The ticket that a local server prints at its start is kept there.
      const client = new Redis(redis.url)
      try {
        const count = await client.dbsize()
        await client.flushdb()
        expect(count).toBeGreaterThan(0)
      } finally {
        client.disconnect()
      }
    },
    async () => ({ CONSOLE_REDIS_URL: await open() }),
  )
})
