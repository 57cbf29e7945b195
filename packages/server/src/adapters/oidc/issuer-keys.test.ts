import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWK, SignJWT } from 'jose'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { IssuerLost, type Issuers } from '../../ports/issuers.ts'
import { oidcIssuers } from './issuers.ts'

const issuer = 'https://id.example.com/realm'
const audience = 'https://console.example.com'
const clock = { at: 0 }
let asked: string[]
let away: boolean
let named: string
let published: JWK[]
let issuers: Issuers
let first: GenerateKeyPairResult
let second: GenerateKeyPairResult

beforeAll(async () => {
  first = await generateKeyPair('RS256', { extractable: true })
  second = await generateKeyPair('ES256', { extractable: true })
})

const jwk = async (pair: GenerateKeyPairResult, kid: string) => ({
  ...(await exportJWK(pair.publicKey)),
  kid,
})

beforeEach(async () => {
  clock.at = Date.parse('2026-05-03T09:30:00Z')
  asked = []
  away = false
  named = issuer
  published = [await jwk(first, 'a')]
  issuers = oidcIssuers({
    issuers: [
      { issuer, audience },
      { issuer: 'https://fixed.example.com', audience, jwksUri: 'https://keys.example.com/jwks' },
    ],
    allowInsecure: false,
    now: () => clock.at,
    async fetch(url) {
      asked.push(url)
      if (away) throw new TypeError('fetch failed')
      const known: Record<string, unknown> = {
        [`${issuer}/.well-known/openid-configuration`]: { issuer: named, jwks_uri: `${issuer}/jwks` },
        [`${issuer}/jwks`]: { keys: published },
        'https://keys.example.com/jwks': { keys: published },
      }
      return known[url] === undefined ? new Response(null, { status: 404 }) : Response.json(known[url])
    },
  })
})

const token = (more: Record<string, unknown> = {}, header: Record<string, unknown> = {}, pair = first) =>
  new SignJWT({ iss: issuer, aud: audience, sub: 's-1', exp: clock.at / 1_000 + 3_600, org: 'home', ...more })
    .setProtectedHeader({ alg: pair === first ? 'RS256' : 'ES256', typ: 'JWT', kid: 'a', ...header })
    .sign(pair.privateKey)

describe('a token of an external issuer', () => {
  it('is verified by the keys that the issuer publishes', async () => {
    expect(await issuers.verify(await token())).toMatchObject({
      issuer,
      sub: 's-1',
      claims: { org: 'home' },
      expiresAt: clock.at + 3_600_000,
    })
    expect(asked).toEqual([`${issuer}/.well-known/openid-configuration`, `${issuer}/jwks`])
    expect(await issuers.verify(await token({}, { typ: 'at+jwt' }))).not.toBeNull()
    expect(await issuers.verify(await token({ aud: ['x', audience] }))).not.toBeNull()
    expect(asked).toHaveLength(2)
  })

  it('is verified by keys whose place the settings name', async () => {
    expect(await issuers.verify(await token({ iss: 'https://fixed.example.com' }))).not.toBeNull()
    expect(asked).toEqual(['https://keys.example.com/jwks'])
  })

  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['another issuer', { iss: 'https://evil.example.com' }],
    ['another audience', { aud: 'https://other.example.com' }],
    ['no audience', { aud: undefined }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['no end', { exp: undefined }],
    ['a beginning to come', { nbf: 4_102_444_800 }],
    ['no type', {}, { typ: undefined }],
    ['another type', {}, { typ: 'logout+jwt' }],
    ['an unknown key', {}, { kid: 'z' }],
  ])('is none of ours with %s', async (_, more, header = {}) => {
    expect(await issuers.verify(await token(more, header))).toBeNull()
  })

  it('is none of ours when another key signed it', async () => {
    published.push(await jwk(second, 'b'))
    const { privateKey } = await generateKeyPair('RS256')
    expect(await issuers.verify(await token({}, { alg: 'RS256' }, { ...first, privateKey }))).toBeNull()
    expect(await issuers.verify(await token({}, { alg: 'ES256' }, second))).toBeNull()
  })

  it('is none of ours by a shared secret, though that is the public key', async () => {
    const { publicKey } = first
    const pem = (await import('jose')).exportSPKI(publicKey)
    const forged = await new SignJWT({ iss: issuer, aud: audience, sub: 's', exp: clock.at / 1_000 + 60 })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: 'a' })
      .sign(Buffer.from(await pem))
    expect(await issuers.verify(forged)).toBeNull()
    published = [{ kty: 'oct', k: Buffer.from('x'.repeat(32)).toString('base64url'), kid: 'a', alg: 'HS256' }]
    expect(await issuers.verify(forged)).toBeNull()
  })

  it('that only expired is answered with its end', async () => {
    const exp = clock.at / 1_000 - 31
    expect((await issuers.verify(await token({ exp })))?.expiresAt).toBe(exp * 1_000)
    expect(await issuers.verify(await token({ exp, aud: 'x' }))).toBeNull()
  })
})

describe('the keys of an issuer', () => {
  it('are kept for 300 s', async () => {
    await issuers.verify(await token())
    clock.at += 299_999
    await issuers.verify(await token())
    expect(asked).toHaveLength(2)
    clock.at += 1
    await issuers.verify(await token())
    expect(asked).toHaveLength(3)
    expect(issuers.stale()).toBe(false)
  })

  it('are fetched for an unknown key once in 30 s, also by many at once', async () => {
    await issuers.verify(await token())
    published = [await jwk(first, 'a'), await jwk(second, 'b')]
    const next = () => token({}, { kid: 'b' }, second)
    expect(await issuers.verify(await next())).toBeNull()
    clock.at += 30_000
    const texts = await Promise.all([next(), next(), next()])
    const answers = await Promise.all(texts.map((text) => issuers.verify(text)))
    expect(answers.every((answer) => answer !== null)).toBe(true)
    expect(asked).toHaveLength(3)
    for (const kid of ['x', 'y', 'z']) expect(await issuers.verify(await token({}, { kid }))).toBeNull()
    expect(asked).toHaveLength(3)
  })

  it('serve on for a day while the issuer is away, and it says so', async () => {
    await issuers.verify(await token())
    const early = clock.at
    away = true
    clock.at += 300_000
    expect(await issuers.verify(await token())).not.toBeNull()
    expect(issuers.stale()).toBe(true)
    clock.at = early + 86_400_000 - 1
    expect(await issuers.verify(await token())).not.toBeNull()
    clock.at += 1
    await expect(issuers.verify(await token())).rejects.toThrow(IssuerLost)
    away = false
    clock.at += 30_000
    expect(await issuers.verify(await token())).not.toBeNull()
    expect(issuers.stale()).toBe(false)
  })

  it('that were never had are asked for again soon, not at once', async () => {
    away = true
    const one = await token()
    await expect(issuers.verify(one)).rejects.toThrow(IssuerLost)
    away = false
    await expect(issuers.verify(one)).rejects.toThrow(IssuerLost)
    expect(asked).toHaveLength(1)
    clock.at += 5_000
    expect(await issuers.verify(one)).not.toBeNull()
  })

  it('are not taken from an issuer that calls itself something else', async () => {
    named = 'https://evil.example.com'
    await expect(issuers.verify(await token())).rejects.toThrow(IssuerLost)
  })
})
