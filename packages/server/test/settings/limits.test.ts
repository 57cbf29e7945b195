import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { event } from '../stage.ts'
import { alive, stageOf } from './alive.ts'
import { ask } from './ask.ts'

const gold = 'token-of-the-gold-tier-0000000000001'
const tokens = JSON.stringify([{ token: gold, tenantId: 'default', label: 'gold', tier: 'gold' }])
const statuses = async (stage: Parameters<typeof ask>[0], count: number) => {
  const seen: number[] = []
  for (let n = 0; n < count; n += 1) seen.push((await ask(stage, 'GET /session')).status)
  return seen
}

describe('the settings of limits', () => {
  alive('CONSOLE_DEFAULT_LIMITS', '3/minute', async (stage) => {
    expect(await statuses(stage, 4)).toEqual([200, 200, 200, 429])
  })

  alive('CONSOLE_LIMITS_JSON', '{"ingest":"7 per minute"}', async (stage) => {
    const { headers } = await ask(stage, 'POST /records', { body: event('e1') })
    expect(headers['ratelimit-policy']).toBe('"ingest";q=7;w=60')
  })

  alive(
    'CONSOLE_RATE_LIMIT_TIERS',
    '{"gold":{"default":"9/minute"}}',
    async (stage) => {
      const policy = async (token: string) =>
        (await ask({ ...stage, token }, 'GET /session')).headers['ratelimit-policy']
      expect(await policy(gold)).toBe('"default";q=9;w=60')
      expect(await policy(stage.token)).toBe('"default";q=600;w=60')
    },
    { CONSOLE_AUTH_TOKENS_JSON: tokens },
  )

  alive(
    'CONSOLE_RATE_LIMIT_STRATEGY',
    'fixed-window',
    async (stage) => {
      expect(await statuses(stage, 1)).toEqual([200])
      await sleep(1_500)
      expect(await statuses(stage, 1)).toEqual([200])
      const { status, headers } = await ask(stage, 'GET /session')
      expect(status).toBe(429)
      await sleep(Number(headers['retry-after']) * 1_000 + 50)
      // The window has ended for both at once; one that moves would have let go of the first alone.
      expect(await statuses(stage, 2)).toEqual([200, 200])
    },
    { CONSOLE_DEFAULT_LIMITS: '2 per 4 seconds' },
  )

  alive(
    'CONSOLE_RATE_LIMIT_ENABLED',
    'false',
    async (stage) => {
      expect(await statuses(stage, 4)).toEqual([200, 200, 200, 200])
      // What a stranger may do is limited all the same.
      const strangers: number[] = []
      for (let n = 0; n < 61; n += 1)
        strangers.push((await ask(stage, 'GET /session', { bare: true })).status)
      expect(strangers.at(-1)).toBe(429)
    },
    { CONSOLE_DEFAULT_LIMITS: '1/minute' },
  )

  it('say what is left, and when to come back', async () => {
    const stage = await stageOf({ CONSOLE_DEFAULT_LIMITS: '2/minute' })
    const first = await ask(stage, 'GET /session')
    expect(first.headers['ratelimit-policy']).toBe('"default";q=2;w=60')
    expect(first.headers.ratelimit).toMatch(/^"default";r=1;t=\d+$/)
    await ask(stage, 'GET /session')
    const refused = await ask(stage, 'GET /session')
    expect([refused.status, refused.body?.code]).toEqual([429, 'rate_limited'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  })
})
