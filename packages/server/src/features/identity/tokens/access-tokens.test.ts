import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { prepare } from '../store.ts'
import {
  codeOf,
  type Engines,
  minute,
  operatorIn,
  origin,
  type Replica,
  replica,
  seedOf,
} from './tokens.test-kit.ts'

const ours = seedOf('ours')
const foreign = seedOf('foreign')
let engines: Engines
let one: Replica

beforeEach(async () => {
  engines = memoryEngines()
  await prepare(engines.tables)
  one = replica(engines, { seeds: { current: ours.text, next: null, previous: null } })
  await one.part.start()
})
afterEach(() => one.part.stop())

const claims = () => {
  const at = engines.clock.at / 1_000
  return {
    iss: origin,
    aud: origin,
    sub: 'reporter',
    tenant: 'home',
    class: 'service',
    scope: 'records:read telemetry:read',
    env: 'test',
    epoch: 0,
    iat: at,
    nbf: at,
    exp: at + 900,
    jti: 'j-1',
  }
}
const header = () => ({ alg: 'EdDSA', typ: 'at+jwt', kid: ours.pair.kid })

const signed = (
  more: Record<string, unknown> = {},
  moreHeader: Record<string, unknown> = {},
  key: Parameters<SignJWT['sign']>[0] = ours.pair.privateKey,
) => new SignJWT({ ...claims(), ...more }).setProtectedHeader({ ...header(), ...moreHeader }).sign(key)

const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url')

describe('an access token of this server', () => {
  it('stands for whom it says', async () => {
    const { actor } = await one.by(await signed())
    expect(actor).toEqual({
      tenant: 'home',
      principal: 'reporter',
      class: 'service',
      permissions: ['records:read', 'telemetry:read'],
      credential: 'j-1',
    })
  })

  it('may have an audience that is a list', async () => {
    expect(await codeOf(one.by(await signed({ aud: ['https://other.example.com', origin] })))).toBe('done')
  })

  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['another issuer', { iss: 'https://elsewhere.example.com' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'https://elsewhere.example.com' }],
    ['a list of other audiences', { aud: ['https://elsewhere.example.com'] }],
    ['no audience', { aud: undefined }],
    ['another environment', { env: 'production' }],
    ['no environment', { env: undefined }],
    ['a class that no token has', { class: 'producer' }],
    ['no class', { class: undefined }],
    ['an operator without a family', { class: 'operator' }],
    ['a gate without a deploy', { class: 'gate', sid: 'abcdefghijkl' }],
    ['no end', { exp: undefined }],
    ['an end that is no time', { exp: '4102444800' }],
    ['no beginning', { nbf: undefined }],
    ['no tenant', { tenant: undefined }],
    ['another kid', {}, { kid: foreign.pair.kid }],
    ['no kid', {}, { kid: undefined }],
    ['another type', {}, { typ: 'JWT' }],
    ['no type', {}, { typ: undefined }],
    ['another member in its header', {}, { cty: 'x' }],
    ['a key set of its own', {}, { jku: 'https://elsewhere.example.com/jwks.json' }],
    ['a key of its own', {}, { jwk: { ...foreign.pair.publicJwk } }],
  ])('is refused with %s', async (_, more, moreHeader = {}) => {
    expect(await codeOf(one.by(await signed(more, moreHeader)))).toBe('unauthenticated')
  })

  it('is refused when another key signed it', async () => {
    expect(await codeOf(one.by(await signed({}, {}, foreign.pair.privateKey)))).toBe('unauthenticated')
  })

  it('is refused without a signature', async () => {
    const none = `${part({ ...header(), alg: 'none' })}.${part(claims())}`
    expect(await codeOf(one.by(`${none}.`))).toBe('unauthenticated')
    expect(await codeOf(one.by(`${none}.c2ln`))).toBe('unauthenticated')
  })

  it('is refused when the public key was taken for a shared secret', async () => {
    const secrets = [
      Buffer.from(ours.pair.publicJwk.x, 'base64url'),
      Buffer.from(ours.pair.publicKey.export({ format: 'pem', type: 'spki' })),
      ours.pair.publicKey.export({ format: 'der', type: 'spki' }),
    ]
    for (const secret of secrets)
      expect(await codeOf(one.by(await signed({}, { alg: 'HS256' }, new Uint8Array(secret))))).toBe(
        'unauthenticated',
      )
  })

  it('is refused in any other writing of itself', async () => {
    const token = await signed()
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // 64 bytes leave four bits of the last character unused: these fifteen read the same.
    const last = alphabet.indexOf(token.at(-1) ?? '')
    const stray = Array.from(
      { length: 15 },
      (_, n) => `${token.slice(0, -1)}${alphabet[(last & 48) | ((last + n + 1) & 15)]}`,
    )
    expect(stray.every((text) => !text.endsWith('undefined') && text !== token)).toBe(true)
    for (const text of [
      `${token}=`,
      `${token}==`,
      ` ${token}`,
      `${token}\n`,
      token.replaceAll('.', '. '),
      ...stray,
    ])
      expect(await codeOf(one.by(text))).toBe('unauthenticated')
    expect(await codeOf(one.by(token))).toBe('done')
  })

  it('is refused with a member twice, though it is signed', async () => {
    const json = JSON.stringify(claims())
    const twice = Buffer.from(`${json.slice(0, -1)},"tenant":"other"}`)
    const { CompactSign } = await import('jose')
    const token = await new CompactSign(twice).setProtectedHeader(header()).sign(ours.pair.privateKey)
    expect(await codeOf(one.by(token))).toBe('unauthenticated')
  })

  it('is known before its time and after its end by the leeway of 30 s alone', async () => {
    const at = engines.clock.at / 1_000
    expect(await codeOf(one.by(await signed({ nbf: at + 30 })))).toBe('done')
    expect(await codeOf(one.by(await signed({ nbf: at + 31 })))).toBe('unauthenticated')
    expect(await codeOf(one.by(await signed({ iat: at + 31 })))).toBe('unauthenticated')
    expect(await codeOf(one.by(await signed({ exp: at - 29 })))).toBe('done')
    expect(await codeOf(one.by(await signed({ exp: at - 30 })))).toBe('credential_expired')
  })

  it('that was verified once ends in time all the same', async () => {
    const token = await signed()
    const verified = await one.by(token)
    engines.clock.at += 15 * minute + 29_999
    expect(await codeOf(one.by(token))).toBe('done')
    expect(await codeOf(verified.again())).toBe('done')
    engines.clock.at += 1
    expect(await codeOf(one.by(token))).toBe('credential_expired')
    expect(await codeOf(verified.again())).toBe('credential_expired')
  })

  it('that ended and is wrong besides says nothing of its end', async () => {
    const exp = engines.clock.at / 1_000 - 60
    expect(await codeOf(one.by(await signed({ exp, env: 'production' })))).toBe('unauthenticated')
    expect(await codeOf(one.by(await signed({ exp }, {}, foreign.pair.privateKey)))).toBe('unauthenticated')
  })

  it('is refused for a tenant that is not served', async () => {
    expect(await codeOf(one.by(await signed({ tenant: 'elsewhere' })))).toBe('tenant_forbidden')
  })

  it('names a family that must be open', async () => {
    expect(await codeOf(one.by(await signed({ class: 'user', groups: [], sid: 'abcdefghijkl' })))).toBe(
      'credential_revoked',
    )
  })
})

describe('an operator’s access token', () => {
  const open = (epoch = 0) =>
    one.part.families.open({
      class: 'operator',
      subject: 'olga',
      tenant: 'home',
      groups: [],
      epoch,
      ttlSeconds: 900,
    })

  it('holds what the role holds by now', async () => {
    await operatorIn(one, 'olga')
    const { actor } = await one.by((await open()).accessToken)
    expect(actor).toMatchObject({
      principal: 'olga',
      class: 'operator',
      roles: ['developer'],
      enrolled: false,
    })
    expect(actor.permissions).toContain('functions:*')
  })

  it('is refused below the stored epoch, for the disabled, and in a tenant that was left', async () => {
    await operatorIn(one, 'olga')
    const { accessToken } = await open()
    expect(await codeOf(one.by(accessToken))).toBe('done')
    for (const more of [
      { epoch: 1 },
      { disabledAt: engines.clock.at },
      { memberships: [{ tenant: 'other', role: 'viewer' as const }] },
    ]) {
      await operatorIn(one, 'olga', more)
      one.part.evict(['operators/olga'])
      expect(await codeOf(one.by(accessToken))).toBe('credential_revoked')
    }
    await operatorIn(one, 'olga')
    one.part.evict(['operators/olga'])
    expect(await codeOf(one.by(accessToken))).toBe('done')
  })
})
