import { createHmac, createPrivateKey, createPublicKey, randomUUID, sign } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../settings/ask.ts'
import { openStage, type Stage } from '../stage.ts'
import { anotherAddress } from './identity-replicas.ts'

const seed = (byte: number) => Buffer.alloc(32, byte)
const keyOf = (byte: number) => {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed(byte)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(key)
  return { key, publicKey, x: String(publicKey.export({ format: 'jwk' }).x) }
}
const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

// The server signs with a seed that the tests hold, so that each forgery is wrong in one thing alone.
describe('a token that somebody made', () => {
  const ours = keyOf(1)
  const theirs = keyOf(2)
  let stage: Stage
  let kid: string
  let header: Record<string, unknown>
  let claims: Record<string, unknown>

  beforeAll(async () => {
    stage = await openStage({
      CONSOLE_SIGNING_KEY_B64: seed(1).toString('base64'),
      CONSOLE_TRUSTED_PROXIES: '127.0.0.1',
      CONSOLE_TENANT_ALLOWLIST: 'default',
    })
    kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: ours.x })
    header = { alg: 'EdDSA', typ: 'at+jwt', kid }
    const now = Math.floor(Date.now() / 1_000)
    claims = {
      sub: 'job',
      tenant: 'default',
      class: 'service',
      scope: 'records:read',
      epoch: 0,
      env: 'local',
      iss: stage.url,
      aud: stage.url,
      iat: now,
      nbf: now,
      exp: now + 600,
      jti: randomUUID(),
    }
  })
  afterAll(() => stage.stop())

  const signed = (head: unknown = header, body: unknown = claims, { key } = ours) => {
    const text = `${part(head)}.${part(body)}`
    return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
  }
  const spki = () => ours.publicKey.export({ format: 'pem', type: 'spki' })
  const hmac = (secret: string | Buffer, alg = 'HS256') => {
    const text = `${part({ ...header, alg })}.${part(claims)}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  const by = (token: string, kind: 'authorization' | 'x-api-key' = 'authorization') =>
    ask(stage, 'GET /session', {
      bare: true,
      headers: {
        'x-forwarded-for': anotherAddress(),
        [kind]: kind === 'authorization' ? `Bearer ${token}` : token,
      },
    })
  const claiming = (more: Record<string, unknown>) => signed(header, { ...claims, ...more })
  const without = (name: string) =>
    signed(header, Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name)))
  const heading = (more: Record<string, unknown>) => signed({ ...header, ...more })
  /** The last character of canonical base64url holds spare bits, which another character could fill too. */
  const otherEnd = (text: string) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return text.slice(0, -1) + alphabet.charAt(alphabet.indexOf(text.slice(-1)) ^ 1)
  }
  const now = () => Number(claims.iat)

  it('as the server would have made it passes, by either header', async () => {
    for (const kind of ['authorization', 'x-api-key'] as const) {
      const { status, body } = await by(signed(), kind)
      expect([status, body]).toMatchObject([
        200,
        { actor: { principal: 'job', class: 'service' }, tenant: 'default', permissions: ['records:read'] },
      ])
    }
    expect((await by(claiming({ aud: ['https://other.example.com', stage.url] }))).status).toBe(200)
  })

  it('otherwise is refused, and nobody is told why', async () => {
    const [head = '', body = '', signature = ''] = signed().split('.')
    const forged: Record<string, string> = {
      'no algorithm, no signature': `${part({ ...header, alg: 'none' })}.${part(claims)}.`,
      'no algorithm': signed({ ...header, alg: 'none' }),
      'no algorithm in another case': `${part({ ...header, alg: 'nOnE' })}.${part(claims)}.`,
      'no signature': `${head}.${body}.`,
      'two parts': `${head}.${body}`,
      'four parts': `${head}.${body}.${signature}.`,
      'HS256 by the key in bytes': hmac(Buffer.from(ours.x, 'base64url')),
      'HS256 by the key as it is published': hmac(ours.x),
      'HS256 by the key as PEM': hmac(spki()),
      'HS256 that says EdDSA': hmac(spki(), 'EdDSA'),
      'the key of another': signed(header, claims, theirs),
      'the key of another in the header': signed(
        { ...header, jwk: { kty: 'OKP', crv: 'Ed25519', x: theirs.x } },
        claims,
        theirs,
      ),
      'a kid that is none': heading({ kid: 'none' }),
      'a kid that is a path': heading({ kid: '../../../../dev/null' }),
      'a kid that is no text': heading({ kid: { toString: kid } }),
      'no kid': signed({ alg: 'EdDSA', typ: 'at+jwt' }),
      'another type': heading({ typ: 'JWT' }),
      'our own key in the header': heading({ jwk: { kty: 'OKP', crv: 'Ed25519', x: ours.x } }),
      'a place to fetch keys from': heading({ jku: 'https://evil.example.com/jwks.json' }),
      'something critical': heading({ crit: ['exp'] }),
      'a body that is no base64 of its own': heading({ b64: false }),
      padding: `${head}.${body}.${signature}==`,
      'stray bits in the signature': `${head}.${body}.${otherEnd(signature)}`,
      'white space': `${head}.${body}. ${signature}`,
      'another alphabet': `${head}.${body}.${signature.replaceAll('-', '+').replaceAll('_', '/')}=`,
      'a header with a member twice': signed(`{"alg":"none",${JSON.stringify(header).slice(1)}`),
      'claims with a member twice': signed(header, `{"scope":"*",${JSON.stringify(claims).slice(1)}`),
      'claims that changed': `${head}.${part({ ...claims, scope: 'identity:operators' })}.${signature}`,
      'another audience': claiming({ aud: 'https://other.example.com' }),
      'an audience that only begins like ours': claiming({ aud: `${stage.url}.evil.example.com` }),
      'audiences without ours': claiming({ aud: ['https://other.example.com'] }),
      'no audience': without('aud'),
      'another issuer': claiming({ iss: 'https://other.example.com' }),
      'an issuer with a slash': claiming({ iss: `${stage.url}/` }),
      'no issuer': without('iss'),
      'another environment': claiming({ env: 'production' }),
      'no environment': without('env'),
      'no tenant': without('tenant'),
      'a class that is none': claiming({ class: 'root' }),
      'nobody’s class': claiming({ class: 'anonymous' }),
      'the class of an operator without a family': claiming({ class: 'operator' }),
      'the class of a gate without a run': claiming({ class: 'gate' }),
      'scopes as a list': claiming({ scope: ['records:read'] }),
      'no end': without('exp'),
      'no beginning': without('nbf'),
      'a beginning to come': claiming({ nbf: now() + 300 }),
      'a making to come': claiming({ iat: now() + 300, nbf: now() - 10 }),
      'an end that is a text': claiming({ exp: String(now() + 600) }),
      'more than 8 KiB': claiming({ jti: 'x'.repeat(8_192) }),
      'nesting without an end': `${head}.${part('['.repeat(3_000))}.${signature}`,
    }
    if (!/[-_]/.test(signature)) forged['another alphabet'] = `${head}.${body}.+${signature.slice(1)}`
    const passed: string[] = []
    const answers = new Set<string>()
    for (const [name, token] of Object.entries(forged)) {
      const { status, headers, body: problem = {} } = await by(token)
      const { requestId, ...rest } = problem
      expect(requestId).toEqual(expect.any(String))
      answers.add(JSON.stringify([status, headers['www-authenticate'], rest]))
      if (status !== 401) passed.push(name)
    }
    expect(passed).toEqual([])
    expect([...answers]).toEqual([expect.stringMatching(/^\[401,"Bearer",.*"code":"unauthenticated"/)])
  })

  it('for a family that there is not, or that has ended, is revoked; a tenant that is not served is refused', async () => {
    const code = async (token: string) => (await by(token)).body?.code
    expect(await code(claiming({ class: 'operator', sid: 'abcdefgh2345' }))).toBe('credential_revoked')
    expect(await code(claiming({ class: 'user', sid: 'abcdefgh2345', groups: ['operators'] }))).toBe(
      'credential_revoked',
    )
    expect(await code(claiming({ tenant: 'elsewhere' }))).toBe('tenant_forbidden')
    expect(await code(claiming({ iat: now() - 900, nbf: now() - 900, exp: now() - 31 }))).toBe(
      'credential_expired',
    )
  })

  it('of another server is refused, though all but the key is the same', async () => {
    const other = await openStage({ CONSOLE_SIGNING_KEY_B64: seed(2).toString('base64') })
    try {
      const theirKid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: theirs.x })
      const head = { ...header, kid: theirKid }
      const forHere = signed(head, claims, theirs)
      const forThere = signed(head, { ...claims, iss: other.url, aud: other.url }, theirs)
      expect((await by(forHere)).status).toBe(401)
      expect((await by(forThere)).status).toBe(401)
      const there = { headers: { authorization: `Bearer ${forThere}` }, bare: true } as const
      expect((await ask(other, 'GET /session', there)).status).toBe(200)
    } finally {
      await other.stop()
    }
  })
})
