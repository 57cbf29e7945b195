import { createPrivateKey, createPublicKey } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { browserAt } from '../journeys/browser-of.ts'
import { localOwner } from '../journeys/people.ts'
import type { Stage } from '../stage.ts'
import { alive, type Check, freshFolder, stageOf } from './alive.ts'
import { ask } from './ask.ts'
import { openIssuer, type TestIssuer } from './issuer.ts'
import { type MailServer, openMailServer } from './mail-server.ts'

const secretOf = (start: number) =>
  Array.from({ length: 32 }, (_, n) => ((n * 7 + start) % 256).toString(16).padStart(2, '0')).join('')
const Jwks = z.object({ keys: z.array(z.object({ x: z.string() })) })

describe('secrets and tokens', () => {
  alive('CONSOLE_AUTH_TOKEN', 'token-of-another-kind-000000000001', async (stage) => {
    const token = 'token-of-another-kind-000000000001'
    expect((await ask({ ...stage, token }, 'GET /session')).status).toBe(200)
  })

  alive(
    'CONSOLE_AUTH_TOKENS_JSON',
    JSON.stringify([
      { token: 'token-of-the-list', tenantId: 'default', label: 'ci', scopes: ['records:read'] },
    ]),
    async (stage) => {
      const { status, body } = await ask({ ...stage, token: 'token-of-the-list' }, 'GET /session')
      expect([status, body]).toMatchObject([
        200,
        { actor: { principal: 'ci' }, permissions: ['records:read'] },
      ])
    },
  )

  alive('CONSOLE_SECRET', secretOf(1), async (stage) => {
    // What was sealed under it cannot be opened with the secret that is made when none is said.
    await stage.running.stop()
    await expect(stageOf({}, stage.folder)).rejects.toMatchObject({
      problems: [{ code: 'key_set_mismatch' }],
    })
  })

  it('CONSOLE_SECRET_PREVIOUS is alive: what was sealed and signed before holds', async () => {
    const folder = freshFolder()
    const [old, next] = [secretOf(1), secretOf(2)]
    const first = await stageOf({ CONSOLE_SECRET: old }, folder)
    const browser = browserAt(first.url)
    expect((await browser.ask('POST /session', { token: first.token })).status).toBe(204)
    await first.running.stop()
    await expect(stageOf({ CONSOLE_SECRET: next }, folder)).rejects.toMatchObject({
      problems: [{ code: 'key_set_mismatch' }],
    })
    const second = await stageOf({ CONSOLE_SECRET: next, CONSOLE_SECRET_PREVIOUS: old }, folder)
    const { status } = await ask(second, 'GET /session', {
      headers: { cookie: browser.cookies(), host: new URL(first.url).host },
      bare: true,
    })
    expect(status).toBe(200)
  })
})

describe('the tenants that are served', () => {
  alive('CONSOLE_TENANT_ALLOWLIST', 'default', async (stage) => {
    const owner = await localOwner(stage)
    const guest = { email: 'ada@example.com', role: 'viewer', tenant: 'elsewhere' }
    const { status, body } = await owner.ask('POST /identity/operators', guest)
    expect([status, body.code]).toEqual([403, 'tenant_forbidden'])
  })
})

describe('keys that sign', () => {
  const seed = (byte: number) => Buffer.alloc(32, byte).toString('base64')
  /** The public part of a seed, as a JWK says it. */
  const publicOf = (byte: number) => {
    const der = Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.alloc(32, byte),
    ])
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    return createPublicKey(key).export({ format: 'jwk' }).x
  }
  const publishes =
    (byte: number): Check =>
    async (stage) => {
      const { body } = await ask(stage, 'GET /.well-known/jwks.json', { bare: true })
      expect(Jwks.parse(body).keys.map((key) => key.x)).toContain(publicOf(byte))
    }
  const current = { CONSOLE_SIGNING_KEY_B64: seed(1) }
  alive('CONSOLE_SIGNING_KEY_B64', seed(1), publishes(1))
  alive('CONSOLE_SIGNING_KEY_NEXT_B64', seed(2), publishes(2), current)
  alive('CONSOLE_SIGNING_KEY_PREVIOUS_B64', seed(3), publishes(3), current)
})

describe('an external issuer', () => {
  let issuer: TestIssuer
  beforeEach(async () => {
    issuer = await openIssuer()
  })
  afterEach(() => issuer.stop())
  const named = () => ({ CONSOLE_OAUTH_ISSUER: issuer.url, CONSOLE_OAUTH_AUDIENCE: 'console' })
  const takes =
    (claims: Record<string, unknown>): Check =>
    async (stage) => {
      const token = await issuer.token({ aud: 'console', ...claims })
      const { status, body } = await ask({ ...stage, token }, 'GET /session')
      expect([status, body?.tenant]).toEqual([200, 'default'])
    }
  const tenant = { tenant: 'default' }

  alive('CONSOLE_OAUTH_ISSUER', () => issuer.url, takes(tenant), { CONSOLE_OAUTH_AUDIENCE: 'console' })
  alive('CONSOLE_OAUTH_AUDIENCE', 'console', takes(tenant), () => ({ CONSOLE_OAUTH_ISSUER: issuer.url }))
  alive('CONSOLE_OAUTH_TENANT_CLAIM', 'org', takes({ org: 'default' }), named)
  alive(
    'CONSOLE_OAUTH_JWKS_URI',
    () => issuer.otherKeys,
    async (stage) => {
      issuer.hideKeys()
      await takes(tenant)(stage)
    },
    named,
  )
  alive(
    'CONSOLE_OAUTH_ISSUERS_JSON',
    () => JSON.stringify([{ issuer: issuer.url, audience: 'console', tenantClaim: 'tenant' }]),
    takes(tenant),
  )

  it('takes no token for another audience', async () => {
    const stage = await stageOf(named())
    const token = await issuer.token({ aud: 'elsewhere', ...tenant })
    expect((await ask({ ...stage, token }, 'GET /session')).status).toBe(401)
  })

  /** Signs an invited person in by the issuer. */
  async function signIn(stage: Stage) {
    const owner = await localOwner(stage)
    await owner.ask('POST /identity/operators', { email: 'ada@example.com', role: 'viewer' })
    const browser = browserAt(stage.url)
    const begun = await browser.ask(`GET /auth/login?issuer=${encodeURIComponent(issuer.url)}`)
    expect(begun.status).toBe(302)
    const back = issuer.consent(begun.headers.get('location') ?? '', 'ada@example.com')
    expect((await browser.ask(`GET ${back}`)).status).toBe(302)
    return browser.ask('GET /session')
  }

  alive(
    'CONSOLE_OAUTH_CLIENT_ID',
    'console-client',
    async (stage) => {
      expect((await signIn(stage)).body).toMatchObject({ actor: { email: 'ada@example.com' } })
    },
    named,
  )
  alive(
    'CONSOLE_OAUTH_CLIENT_SECRET',
    'secret-of-the-client',
    async (stage) => {
      await signIn(stage)
      expect(issuer.exchanges.at(-1)?.secret).toBe('secret-of-the-client')
    },
    () => ({ ...named(), CONSOLE_OAUTH_CLIENT_ID: 'console-client' }),
  )
})

describe('mail', () => {
  let server: MailServer
  beforeEach(async () => {
    server = await openMailServer()
  })
  afterEach(() => server.stop())
  const invite = async (stage: Stage) => {
    const owner = await localOwner(stage)
    await owner.ask('POST /identity/operators', { email: 'ada@example.com', role: 'viewer' })
  }
  const arrived = () => server.arrived.length
  alive(
    'CONSOLE_SMTP_URL',
    () => server.url,
    async (stage) => {
      const before = arrived()
      await invite(stage)
      await expect.poll(arrived, { timeout: 5_000 }).toBeGreaterThan(before)
      expect(server.arrived.at(-1)?.to).toEqual(['ada@example.com'])
    },
  )
  alive(
    'CONSOLE_MAIL_FROM',
    'Harbour <harbour@example.com>',
    async (stage) => {
      const before = arrived()
      await invite(stage)
      await expect.poll(arrived, { timeout: 5_000 }).toBeGreaterThan(before)
      expect(server.arrived.at(-1)?.from).toBe('harbour@example.com')
    },
    () => ({ CONSOLE_SMTP_URL: server.url }),
  )
})
