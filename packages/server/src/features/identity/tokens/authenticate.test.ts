import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import type { Credential } from '../../../core/authenticate.ts'
import { type IssuedToken, IssuerLost } from '../../../ports/issuers.ts'
import { prepare } from '../store.ts'
import {
  callOf,
  codeOf,
  type Engines,
  hour,
  minute,
  type Replica,
  replica,
  seedOf,
  until,
} from './tokens.test-kit.ts'

const issuer = 'https://id.example.com'
let engines: Engines
let one: Replica
let issued: () => Promise<IssuedToken | null>
let verifications: number

beforeEach(async () => {
  engines = memoryEngines()
  await prepare(engines.tables)
  verifications = 0
  issued = async () => ({
    issuer,
    sub: 's-1',
    claims: { org: 'home', groups: ['oncall'] },
    expiresAt: engines.clock.at + hour,
  })
  one = replica(engines, {
    bootstrapTokens: [
      { token: 'of the settings', tenant: 'home', label: 'bootstrap', expiresAt: engines.clock.at + hour },
      { token: 'of elsewhere', tenant: 'elsewhere', label: 'stranger' },
    ],
    apiKeys: ['a key of the settings'],
    issuers: {
      logins: [],
      begin: () => Promise.reject(new Error('nobody signs in here')),
      finish: () => Promise.reject(new Error('nobody signs in here')),
      verify() {
        verifications += 1
        return issued()
      },
      stale: () => false,
    },
    issuerRules: [{ issuer, tenantClaim: 'org', groupsClaim: 'groups', roles: { oncall: 'support' } }],
  })
  await one.part.start()
})
afterEach(() => one.part.stop())

const ask = (kind: Credential['kind'], value: string) =>
  one.part.authenticator.authenticate({ kind, value, origin: null, topics: ['state'] })
const knows = (kind: Credential['kind'], value: string) =>
  one.part.authenticator.known({ kind, value, origin: null })
/** A JWT whose signature nobody here looks at: the issuer's adapter is asked. */
const foreign = (iss: string) =>
  new SignJWT({ iss })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
    .sign(seedOf('foreign').pair.privateKey)

describe('who comes with a credential', () => {
  it('is found by the same text in whatever header it comes', async () => {
    for (const kind of ['bearer', 'key', 'query'] as const) {
      expect((await ask(kind, 'of the settings')).actor.principal).toBe('bootstrap')
      expect((await ask(kind, 'a key of the settings')).actor.principal).toMatch(/^key-[0-9a-f]{8}$/)
    }
    expect(await codeOf(ask('bearer', 'of elsewhere'))).toBe('tenant_forbidden')
    expect(await codeOf(ask('cookie', 'of the settings'))).toBe('unauthenticated')
    expect(await codeOf(ask('ticket', 'of the settings'))).toBe('unauthenticated')
  })

  it('is known once it was verified, until it ends', async () => {
    expect(knows('bearer', 'unknown')).toBe(false)
    expect(knows('bearer', 'of the settings')).toBe(true)
    expect(knows('cookie', 'of the settings')).toBe(false)
    const { token } = await one.sessions.open({
      actor: (await ask('bearer', 'of the settings')).actor.credential,
      kind: 'credential',
      tenant: 'home',
      amr: ['token'],
      client: 'Firefox',
      epoch: 0,
    })
    expect(knows('cookie', token)).toBe(false)
    await until(async () => {
      await ask('cookie', token)
      return knows('cookie', token)
    })
    engines.clock.at += hour
    expect(knows('bearer', 'of the settings')).toBe(false)
    expect(await codeOf(ask('bearer', 'of the settings'))).toBe('credential_expired')
  })

  it('by a session is looked up every minute, so that its use is noted', async () => {
    const { actor } = await ask('bearer', 'a key of the settings')
    const session = await one.sessions.open({
      actor: actor.credential,
      kind: 'credential',
      tenant: 'home',
      amr: ['token'],
      client: 'Firefox',
      epoch: 0,
    })
    for (let hours = 0; hours < 30; hours += 1) {
      engines.clock.at += hour
      expect(await codeOf(ask('cookie', session.token))).toBe('done')
      engines.clock.at += minute
      expect(await codeOf(ask('cookie', session.token))).toBe('done')
    }
    engines.clock.at += 8 * hour
    expect(await codeOf(ask('cookie', session.token))).toBe('unauthenticated')
  })
})

describe('who comes with a token of an external issuer', () => {
  it('is its function user, verified once', async () => {
    const token = await foreign(issuer)
    const first = await ask('bearer', token)
    expect(first.actor).toMatchObject({
      principal: `${issuer}|s-1`,
      tenant: 'home',
      class: 'user',
      groups: ['oncall'],
    })
    expect(first.actor.permissions).toContain('identity:read')
    await ask('bearer', token)
    await first.again()
    expect(verifications).toBe(1)
    engines.clock.at += hour + 30_000
    issued = async () => ({ issuer, sub: 's-1', claims: { org: 'home' }, expiresAt: engines.clock.at - hour })
    expect(await codeOf(ask('bearer', token))).toBe('credential_expired')
  })

  it('may open a stream by a ticket, as long as the token lasts', async () => {
    const { actor } = await ask('bearer', await foreign(issuer))
    const { ticket } = await one.part.handlers.issueTicket(callOf(actor, { topics: ['state'] }))
    const verified = await ask('ticket', ticket)
    expect(verified.actor).toEqual(actor)
    engines.clock.at += hour + 30_000
    expect(await codeOf(verified.again())).toBe('credential_expired')
  })

  it('is refused when the issuer does not vouch for it, or its tenant is not served', async () => {
    issued = async () => null
    expect(await codeOf(ask('bearer', await foreign(issuer)))).toBe('unauthenticated')
    issued = async () => ({
      issuer,
      sub: 's',
      claims: { org: 'elsewhere' },
      expiresAt: engines.clock.at + hour,
    })
    expect(await codeOf(ask('bearer', await foreign(issuer)))).toBe('tenant_forbidden')
  })

  it('has to wait while the issuer’s keys cannot be had', async () => {
    issued = () => Promise.reject(new IssuerLost('away'))
    expect(await codeOf(ask('bearer', await foreign(issuer)))).toBe('dependency_unavailable')
  })

  it('is read strictly before anybody is asked', async () => {
    const [header = '', ...rest] = (await foreign(issuer)).split('.')
    const crit = Buffer.from('{"alg":"EdDSA","typ":"JWT","crit":["exp"]}').toString('base64url')
    expect(await codeOf(ask('bearer', [crit, ...rest].join('.')))).toBe('unauthenticated')
    expect(await codeOf(ask('bearer', [`${header}=`, ...rest].join('.')))).toBe('unauthenticated')
    expect(verifications).toBe(0)
  })
})
