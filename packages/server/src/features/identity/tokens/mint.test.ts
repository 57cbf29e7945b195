import type { Actor } from '@quarterdeck/sdk/actor'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { prepare } from '../store.ts'
import { callOf, codeOf, type Engines, minute, origin, type Replica, replica } from './tokens.test-kit.ts'

let engines: Engines
let one: Replica

beforeEach(async () => {
  engines = memoryEngines()
  await prepare(engines.tables)
  one = replica(engines)
  await one.part.start()
})
afterEach(() => one.part.stop())

const minter: Actor = {
  tenant: 'home',
  principal: 'shop',
  class: 'service',
  permissions: ['identity:mint', 'records:read', 'records:write'],
  credential: 'env-1',
}
type Request = Parameters<Replica['part']['handlers']['mintToken']>[0]['input']
const mint = (request: Request, by = minter) => one.part.handlers.mintToken(callOf(by, request))

describe('minting for a function user', () => {
  it('gives a pair of the minter’s tenant', async () => {
    const pair = await mint({ class: 'user', subject: 'user-7', groups: ['staff'], ttl: 60 })
    expect(pair.expiresAt).toBe('2026-05-03T09:31:00.000Z')
    const { actor } = await one.by(pair.accessToken)
    expect(actor).toMatchObject({ tenant: 'home', principal: 'user-7', class: 'user', groups: ['staff'] })
    expect(actor.permissions).toEqual(['assistant:chat', 'assistant:approve-own'])
  })

  it('says in the token what the specification says', async () => {
    const { accessToken } = await mint({ class: 'user', subject: 'user-7', groups: ['staff'] })
    const at = engines.clock.at / 1_000
    const [key] = await one.part.jwks()
    expect(decodeProtectedHeader(accessToken)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: key?.kid })
    expect(decodeJwt(accessToken)).toEqual({
      iss: origin,
      aud: origin,
      sub: 'user-7',
      tenant: 'home',
      class: 'user',
      groups: ['staff'],
      sid: expect.stringMatching(/^[a-z2-7]{12}$/),
      epoch: 0,
      env: 'test',
      iat: at,
      nbf: at,
      exp: at + 900,
      jti: expect.any(String),
    })
  })

  it.each(['anonymous', 'operators'])('puts nobody into %s', async (group) => {
    expect(await codeOf(mint({ class: 'user', subject: 'user-7', groups: ['staff', group] }))).toBe('invalid')
  })

  it('counts no group that follows from a class', async () => {
    const { accessToken } = await mint({
      class: 'user',
      subject: 'u',
      groups: ['services', 'gates', 'staff'],
    })
    expect((await one.by(accessToken)).actor.groups).toEqual(['staff'])
  })
})

describe('minting for a service', () => {
  it('gives one token for at most an hour, and no refresh', async () => {
    const pair = await mint({ class: 'service', subject: 'worker', scopes: ['records:read'] })
    expect(pair).toEqual({ accessToken: expect.any(String), expiresAt: '2026-05-03T10:30:00.000Z' })
    expect((await one.by(pair.accessToken)).actor).toMatchObject({
      tenant: 'home',
      principal: 'worker',
      class: 'service',
      permissions: ['records:read'],
    })
    const longer: Request = { class: 'service', subject: 'worker', scopes: ['records:read'], ttl: 3_601 }
    expect(await codeOf(mint(longer))).toBe('invalid')
  })

  it('passes on nothing that the minter lacks', async () => {
    for (const scope of ['secrets:read', 'identity:self', 'records:delete'])
      expect(await codeOf(mint({ class: 'service', subject: 'w', scopes: ['records:read', scope] }))).toBe(
        'scope_exceeded',
      )
    const bound = { ...minter, producers: [{ id: 'runner', product: 'flow' }] }
    expect(await codeOf(mint({ class: 'service', subject: 'w', scopes: ['records:write'] }, bound))).toBe(
      'scope_exceeded',
    )
  })
})

describe('a token of a gate', () => {
  it('reads, for one deploy and release, until its run ends', async () => {
    const gate = await one.part.mintGate({ tenant: 'home', deploy: 'd-1', release: 'sha256:1', ttl: 600 })
    const verified = await one.by(gate.token)
    expect(verified.actor).toMatchObject({
      class: 'gate',
      tenant: 'home',
      gate: { deploy: 'd-1', release: 'sha256:1' },
    })
    expect(verified.actor.permissions).toContain('records:read')
    expect(verified.actor.permissions.every((permission) => permission.endsWith(':read'))).toBe(true)
    await gate.revoke()
    expect(await codeOf(one.by(gate.token))).toBe('credential_revoked')
    expect(await codeOf(verified.again())).toBe('credential_revoked')
  })

  it('lives 15 minutes at most', async () => {
    const gate = await one.part.mintGate({ tenant: 'home', deploy: 'd-1', release: 'r', ttl: 3_600 })
    expect(gate.expiresAt).toBe(engines.clock.at + 15 * minute)
    engines.clock.at += 15 * minute + 29_000
    expect(await codeOf(one.by(gate.token))).toBe('done')
    engines.clock.at += 1_000
    expect(await codeOf(one.by(gate.token))).toBe('credential_expired')
  })
})
