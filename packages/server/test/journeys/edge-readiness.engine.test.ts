import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Breakable, breakable } from '../engines/breakable.ts'
import { type FreshDatabase, freshDatabase } from '../engines/databases.ts'
import type { Started } from '../engines/start-postgres.ts'
import { startRedis } from '../engines/start-redis.ts'
import { endAll } from '../program.ts'
import { openReplica, type Replica } from './identity-replicas.ts'

const soon = { timeout: 10_000, interval: 50 }
const token = 'token-of-the-hosted-home-tenant-0001'

describe('a server whose engines break', () => {
  let database: FreshDatabase
  let redis: Started
  let toDatabase: Breakable
  let toRedis: Breakable
  let server: Replica
  let admin: pg.Client
  beforeAll(async () => {
    database = await freshDatabase()
    redis = await startRedis()
    ;[toDatabase, toRedis] = await Promise.all([breakable(database.url), breakable(redis.url)])
    admin = new pg.Client({ connectionString: database.url })
    await admin.connect()
    server = await openReplica(toDatabase.url, {
      CONSOLE_REDIS_URL: toRedis.url,
      CONSOLE_KEEP_STORAGE: 'redis',
      CONSOLE_APP_NAME: 'Harbour',
    })
  })
  afterAll(async () => {
    await server?.stop()
    await endAll()
    await admin?.end()
    await toDatabase?.close()
    await toRedis?.close()
    await redis?.stop()
    await database?.drop()
  })
  const ready = () => server.ask('GET /readyz')
  const failing = async () => (await ready()).body.failing
  const heals = () => expect.poll(async () => (await ready()).status, soon).toBe(200)
  const codeOf = async (route: string, body?: unknown) =>
    (await server.ask(route, { token, ...(body === undefined ? {} : { body }) })).body?.code
  const anybody = { email: 'ada@example.com' }
  const service = { kind: 'service', label: 'ci', scopes: ['records:read'] }

  it('answers its probes as those who ask them expect', async () => {
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
    const version = expect.stringMatching(/^\d+\.\d+\.\d+/)
    for (const path of ['/health', '/healthz']) {
      const { status, body, headers } = await server.ask(`GET ${path}`)
      expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
      expect(body).toEqual({
        ...{ status: 'ok', service: 'Harbour', version, timestamp },
        ...{ ok: true, mode: 'hosted', routes: expect.any(Number) },
      })
    }
    for (const path of ['/ready', '/readyz']) {
      const { status, body } = await server.ask(`GET ${path}`)
      expect(status).toBe(200)
      expect(body).toEqual({
        ...{ status: 'ready', checks: expect.objectContaining({ redis: true }), timestamp },
        ...{ ok: true, failing: [], degraded: [] },
      })
      const checks = ['database', 'migrations', 'projections', 'redis', 'schema', 'signing_keys']
      expect(Object.keys(body.checks as object).sort()).toEqual(checks)
    }
  })

  it('names a table of tokens that is gone, then Redis, then Postgres, and is well again after each', async () => {
    const { rows } = await admin.query(
      `select ptr from storage where owner = '_identity' and id = 'credentials'`,
    )
    const [{ ptr }] = rows as [{ ptr: string }]
    await admin.query(`alter table "${ptr}" rename to put_aside`)
    await expect.poll(failing, soon).toEqual([{ name: 'schema', code: 'table_missing' }])
    expect(await codeOf('POST /identity/tokens', service)).toBe('not_ready')
    await admin.query(`alter table put_aside rename to "${ptr}"`)

    toRedis.cut()
    await expect.poll(failing, soon).toEqual([{ name: 'redis', code: 'unreachable' }])
    expect((await server.ask('GET /session', { token })).status).toBe(200)
    // Whoever signs in is not let in by limits that count in one process.
    expect(await codeOf('POST /auth/link', anybody)).toBe('dependency_unavailable')

    toDatabase.cut()
    await expect.poll(failing, soon).toEqual(
      expect.arrayContaining([
        { name: 'database', code: 'unreachable' },
        { name: 'redis', code: 'unreachable' },
      ]),
    )
    expect((await ready()).body).toMatchObject({
      status: 'not_ready',
      ok: false,
      checks: { database: false },
    })
    expect(await codeOf('GET /identity/tokens')).toBe('dependency_unavailable')
    // What cannot be recorded is not done.
    expect(await codeOf('POST /identity/tokens', service)).toBe('audit_unavailable')
    for (const path of ['/healthz', '/health']) expect((await server.ask(`GET ${path}`)).status).toBe(200)

    toDatabase.mend()
    toRedis.mend()
    await heals()
    await expect.poll(() => codeOf('POST /auth/link', anybody), soon).toBe(undefined)
    expect(await codeOf('POST /identity/tokens', service)).toBe(undefined)
  })
})
