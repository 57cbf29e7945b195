import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Breakable, breakable } from '../engines/breakable.ts'
import { type FreshDatabase, freshDatabase } from '../engines/databases.ts'
import type { Started } from '../engines/start-postgres.ts'
import { startRedis } from '../engines/start-redis.ts'
import { type Env, endAll } from '../program.ts'
import { event } from '../stage.ts'
import type { Answered } from './browser-of.ts'
import { openReplica, publicHost, type Replica, tally } from './identity-replicas.ts'

const tokenOf = (label: string) => `token-of-${label}-in-the-journey-0000001`
const home = 'token-of-the-hosted-home-tenant-0001'
const labels = ['racer', 'teller', 'holder', 'forger', 'patient', 'late']
const common: Env = {
  CONSOLE_DEFAULT_LIMITS: '10/minute',
  CONSOLE_LIMITS_JSON: '{"ingest":"2 per 3 seconds"}',
  CONSOLE_RATE_LIMIT_TIERS: '{"gold":{"default":"5000/minute"}}',
  CONSOLE_AUTH_TOKENS_JSON: JSON.stringify(
    labels.map((label) => ({
      token: tokenOf(label),
      tenantId: 'default',
      label,
      scopes: ['records:read', 'records:write'],
    })),
  ),
}

const soon = { timeout: 10_000, interval: 100 }

/** Asks both in turn, all at once. */
const race = (both: readonly Replica[], many: number, ask: (at: Replica, n: number) => Promise<Answered>) =>
  Promise.all(Array.from({ length: many }, (_, n) => ask(both[n % 2] as Replica, n)))
const session = (at: Replica, label: string, headers: Record<string, string> = {}) =>
  at.ask('GET /session', { token: tokenOf(label), headers })

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(async () => {
  await endAll()
  await database?.drop()
})

describe('limits of two servers on one Postgres', () => {
  let both: Replica[]
  beforeAll(async () => {
    both = await Promise.all([openReplica(database.url, common), openReplica(database.url, common)])
  })
  afterAll(() => Promise.all((both ?? []).map((one) => one.stop())))

  it('let exactly ten of 64 calls pass that come at once', async () => {
    const answers = await race(both, 64, (at) => session(at, 'racer'))
    expect(tally(answers)).toEqual({ 200: 10, '429 rate_limited': 54 })
    for (const { status, headers } of answers) {
      expect(headers.get('ratelimit-policy')).toBe('"default";q=10;w=60')
      expect(headers.get('ratelimit')).toMatch(/^"default";r=\d;t=\d+$/)
      expect(headers.get('retry-after')).toEqual(status === 429 ? expect.stringMatching(/^\d+$/) : null)
    }
  })

  it('refuse one record more, and take it when they said', async () => {
    const tell = (n: number) =>
      (both[n % 2] as Replica).ask('POST /records', { token: tokenOf('teller'), body: event(`e${n}`) })
    expect(tally([await tell(0), await tell(1)])).toEqual({ 200: 2 })
    const refused = await tell(2)
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited'])
    expect(refused.headers.get('ratelimit-policy')).toBe('"ingest";q=2;w=3')
    await sleep(Number(refused.headers.get('retry-after')) * 1_000)
    expect((await tell(2)).status).toBe(200)
    // Another class of the same caller has its own.
    expect((await session(both[0] as Replica, 'teller')).headers.get('ratelimit')).toMatch(/r=9/)
  })
})

describe('limits of two servers on one Redis', () => {
  let redis: Started
  let way: Breakable
  let local: Replica
  let closed: Replica
  beforeAll(async () => {
    redis = await startRedis()
    way = await breakable(redis.url)
    // Nobody is trusted to say where a request came from.
    const env = { ...common, CONSOLE_TRUSTED_PROXIES: undefined, CONSOLE_RATE_LIMIT_REDIS_URL: way.url }
    ;[local, closed] = await Promise.all([
      openReplica(database.url, env),
      openReplica(database.url, { ...env, CONSOLE_RATE_LIMIT_ON_STORE_FAILURE: 'closed' }),
    ])
  })
  afterAll(async () => {
    await Promise.all([local, closed].map((one) => one?.stop()))
    await way?.close()
    await redis?.stop()
  })

  it('let exactly ten of 64 calls pass that come at once', async () => {
    const answers = await race([local, closed], 64, (at) => session(at, 'racer'))
    expect(tally(answers)).toEqual({ 200: 10, '429 rate_limited': 54 })
  })

  it('are moved by no header: not the bucket, the tier, the tenant or the host', async () => {
    const forged = (n: number) => ({
      'x-forwarded-for': `203.0.113.${n}`,
      'x-real-ip': `203.0.113.${n}`,
      forwarded: `for=203.0.113.${n};host=evil.example`,
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'x-owner': `owner-${n}`,
      'x-tier': 'gold',
      'x-ratelimit-tier': 'gold',
      'x-tenant-id': 'other',
      'x-console-tenant': 'other',
      'x-session-id': `session-${n}`,
    })
    const answers: Answered[] = []
    for (let n = 0; n < 11; n += 1) answers.push(await session(local, 'forger', forged(n)))
    expect(tally(answers)).toEqual({ 200: 10, '429 rate_limited': 1 })
    expect(answers[0]?.body.tenant).toBe('default')
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"default";q=10;w=60')
    const rebound = { host: 'evil.example', 'x-forwarded-host': publicHost }
    expect((await session(local, 'holder', rebound)).body.code).toBe('wrong_host')
  })

  it('hold an address to 20 bad keys at both, and serve whom they know', async () => {
    const make = (label: string) =>
      local.ask('POST /identity/tokens', {
        token: home,
        body: { kind: 'service', label, scopes: ['records:read'] },
      })
    const known = String((await make('known')).body.token)
    const unseen = String((await make('unseen')).body.token)
    const by = (at: Replica, token: string) => at.ask('GET /session', { token })
    expect((await by(local, known)).status).toBe(200)
    // The note of its use changes what is stored of it, and its holder is known all the same.
    const used = async () => JSON.stringify((await closed.ask('GET /identity/tokens', { token: home })).body)
    await expect.poll(used, { interval: 500 }).toMatch(/"label":"known"[^}]*"lastUsedAt":"/)
    const said: string[] = []
    for (let n = 0; n < 40; n += 1) {
      const at = n % 2 === 0 ? local : closed
      const { status, headers } = await by(at, `${unseen.slice(0, -6)}${String(n).padStart(6, 'x')}`)
      said.push(`${status} ${headers.get('ratelimit-policy')}`)
    }
    expect(said).toEqual([...Array(20).fill('401 null'), ...Array(20).fill('429 "credentials";q=20;w=60')])
    expect(tally([await by(local, unseen), await by(closed, known)])).toEqual({ '429 rate_limited': 2 })
    expect((await by(local, known)).status).toBe(200)
    expect((await session(closed, 'holder')).status).toBe(200)
  })

  it('count in each process, or let nothing pass, while Redis is away, and sign nobody in', async () => {
    const ready = async (at: Replica) => (await at.ask('GET /readyz')).body
    way.cut()
    const alone = await race([local, local], 16, (at) => session(at, 'patient'))
    expect(tally(alone)).toEqual({ 200: 10, '429 rate_limited': 6 })
    expect(await ready(local)).toMatchObject({ status: 'ready', ok: true, degraded: ['limits_local'] })
    expect(tally([await session(closed, 'patient')])).toEqual({ '503 dependency_unavailable': 1 })
    const link = await local.ask('POST /auth/link', { body: { email: 'ada@example.com' } })
    expect([link.status, link.body.code]).toEqual([503, 'dependency_unavailable'])
    await expect
      .poll(() => ready(closed), soon)
      .toMatchObject({ status: 'not_ready', checks: { redis: false }, degraded: [] })
    for (const at of [local, closed]) expect((await at.ask('GET /healthz')).status).toBe(200)
    way.mend()
    for (const at of [local, closed])
      await expect
        .poll(async () => [(await session(at, 'holder')).status === 503, await ready(at)], soon)
        .toMatchObject([false, { ok: true, degraded: [] }])
    // What both count is one again.
    const again = await race([local, closed], 24, (at) => session(at, 'late'))
    expect(tally(again)).toEqual({ 200: 10, '429 rate_limited': 14 })
  })
})
