import type { Actor } from '@quarterdeck/sdk/actor'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { prepare } from '../store.ts'
import {
  callOf,
  codeOf,
  day,
  type Engines,
  hour,
  minute,
  owner,
  type Replica,
  replica,
  until,
} from './tokens.test-kit.ts'

let engines: Engines
let one: Replica

beforeEach(async () => {
  engines = memoryEngines()
  await prepare(engines.tables)
  one = replica(engines)
  await one.part.start()
})
afterEach(() => one.part.stop())

type Said = Parameters<Replica['part']['handlers']['createToken']>[0]['input']

const make = (said: Partial<Said> = {}, by: Actor = owner) =>
  one.part.handlers.createToken(
    callOf(by, { kind: 'service' as const, label: 'a job', scopes: ['records:read'], ...said }),
  )
const producers = [{ id: 'runner', product: 'flow' }]
const rotate = (id: string, overlapSeconds?: number, by: Actor = owner) =>
  one.part.handlers.rotateToken(
    callOf(by, { id, ...(overlapSeconds === undefined ? {} : { overlapSeconds }) }),
  )
const revoke = (id: string, by: Actor = owner) => one.part.handlers.revokeToken(callOf(by, { id }))
const list = async (by: Actor = owner) =>
  (await one.part.handlers.listTokens(callOf(by, { limit: 100 }))).items

describe('a token', () => {
  it('is made, shown once, and stands for its scopes', async () => {
    const { id, token } = await make({ tier: 'gold' })
    expect(token).toMatch(new RegExp(`^qd_service_${id}_[\\w-]{43}$`))
    expect((await one.by(token)).actor).toEqual({
      tenant: 'home',
      principal: id,
      class: 'service',
      permissions: ['records:read'],
      credential: id,
      tier: 'gold',
    })
    const [item] = await list()
    expect(item).toMatchObject({
      id,
      kind: 'service',
      label: 'a job',
      createdBy: 'olga',
      expiresAt: '2026-08-01T09:30:00.000Z',
    })
    expect(JSON.stringify(item)).not.toContain(token.slice(-43))
  })

  it('of a producer writes for its producers, and nothing else', async () => {
    const { token } = await make({ kind: 'producer', scopes: [], producers })
    expect((await one.by(token)).actor).toMatchObject({
      class: 'producer',
      permissions: ['records:write', 'telemetry:write'],
      producers,
    })
    expect(await codeOf(make({ kind: 'producer', scopes: [] }))).toBe('invalid')
    expect(await codeOf(make({ kind: 'producer', scopes: ['records:read'], producers }))).toBe(
      'scope_exceeded',
    )
  })

  it('is unknown with another secret, id or kind', async () => {
    const { id, token } = await make()
    const secret = token.slice(-43)
    const other = secret.startsWith('A') ? `B${secret.slice(1)}` : `A${secret.slice(1)}`
    for (const text of [
      `qd_service_${id}_${other}`,
      `qd_service_${'a'.repeat(12)}_${secret}`,
      `qd_producer_${id}_${secret}`,
      `qd_refresh_${id}_${secret}`,
      'nonsense',
      '',
      'x'.repeat(9_000),
    ])
      expect(await codeOf(one.by(text))).toBe('unauthenticated')
  })

  it('ends after 90 days, when it says so, or never', async () => {
    const usual = await make()
    const never = await make({ expiresAt: 'never' })
    const soon = await make({ expiresAt: new Date(engines.clock.at + hour).toISOString() })
    expect(await codeOf(make({ expiresAt: new Date(engines.clock.at).toISOString() }))).toBe('invalid')
    expect(await codeOf(one.by(soon.token))).toBe('done')
    engines.clock.at += hour
    expect(await codeOf(one.by(soon.token))).toBe('credential_expired')
    expect(await codeOf(one.by(`${soon.token.slice(0, -43)}${'A'.repeat(43)}`))).toBe('unauthenticated')
    engines.clock.at += 90 * day - hour
    expect(await codeOf(one.by(usual.token))).toBe('credential_expired')
    expect(await codeOf(one.by(never.token))).toBe('done')
  })

  it('is revoked at once, and says so to its holder alone', async () => {
    const { id, token } = await make()
    const verified = await one.by(token)
    await revoke(id)
    expect(await codeOf(one.by(token))).toBe('credential_revoked')
    expect(await codeOf(verified.again())).toBe('credential_revoked')
    expect(await codeOf(one.by(`${token.slice(0, -43)}${'A'.repeat(43)}`))).toBe('unauthenticated')
    expect(await codeOf(revoke(id))).toBe('done')
    expect(await codeOf(rotate(id))).toBe('not_found')
  })

  it('of another tenant is not there', async () => {
    const { id } = await make()
    const stranger = { ...owner, tenant: 'other' }
    expect(await codeOf(revoke(id, stranger))).toBe('not_found')
    expect(await codeOf(rotate(id, 0, stranger))).toBe('not_found')
    expect(await list(stranger)).toEqual([])
  })

  it('notes its last use, at most once a minute, without holding anybody up', async () => {
    const { token } = await make()
    const lastUsed = async () => (await list())[0]?.lastUsedAt
    await one.by(token)
    await until(async () => (await lastUsed()) === '2026-05-03T09:30:00.000Z')
    engines.clock.at += minute - 1
    await one.by(token)
    engines.clock.at += 1
    expect(await lastUsed()).toBe('2026-05-03T09:30:00.000Z')
    await one.by(token)
    await until(async () => (await lastUsed()) === '2026-05-03T09:31:00.000Z')
  })

  it('lists by pages', async () => {
    for (const label of ['a', 'b', 'c']) {
      await make({ label })
      engines.clock.at += 1
    }
    const first = await one.part.handlers.listTokens(callOf(owner, { limit: 2 }))
    const second = await one.part.handlers.listTokens(callOf(owner, { limit: 2, cursor: first.nextCursor }))
    expect([...first.items, ...second.items].map(({ label }) => label)).toEqual(['a', 'b', 'c'])
    expect(second.nextCursor).toBeUndefined()
    const broken = one.part.handlers.listTokens(callOf(owner, { limit: 2, cursor: 'nonsense' }))
    expect(await codeOf(broken)).toBe('invalid')
  })
})

describe('a rotated token', () => {
  it('has a new secret, and the old one works on for a day', async () => {
    const { id, token } = await make()
    const next = await rotate(id)
    expect(next.id).toBe(id)
    expect(next.token).not.toBe(token)
    expect((await one.by(next.token)).actor).toEqual((await one.by(token)).actor)
    engines.clock.at += day - 1
    expect(await codeOf(one.by(token))).toBe('done')
    engines.clock.at += 1
    expect(await codeOf(one.by(token))).toBe('credential_expired')
    expect(await codeOf(one.by(next.token))).toBe('done')
  })

  it('without an overlap ends the old secret at once', async () => {
    const { id, token } = await make()
    expect(await codeOf(one.by(token))).toBe('done')
    const next = await rotate(id, 0)
    expect(await codeOf(one.by(token))).toBe('unauthenticated')
    expect(await codeOf(one.by(next.token))).toBe('done')
  })

  it('keeps two secrets, not three', async () => {
    const { id, token } = await make()
    const second = await rotate(id)
    const third = await rotate(id)
    expect(await codeOf(one.by(token))).toBe('unauthenticated')
    expect(await codeOf(one.by(second.token))).toBe('done')
    expect(await codeOf(one.by(third.token))).toBe('done')
  })
})

describe('what a maker does not hold', () => {
  const maker: Actor = {
    ...owner,
    class: 'service',
    principal: 'ci',
    permissions: ['identity:tokens', 'records:write', 'telemetry:write', 'functions:*'],
  }

  it.each(['records:read', 'identity:self', 'functions:*', '*', '*:read', 'public', 'identity:mint'])(
    'cannot be passed on: %s',
    async (scope) => {
      expect(await codeOf(make({ scopes: [scope] }, maker))).toBe('scope_exceeded')
    },
  )

  it.each(['*', 'functions:*', 'identity:self', 'public'])('not even by an owner: %s', async (scope) => {
    expect(await codeOf(make({ scopes: [scope] }))).toBe('scope_exceeded')
  })

  it('is not reached by rotating a stronger token either', async () => {
    const strong = await make({ scopes: ['secrets:write'] })
    expect(await codeOf(rotate(strong.id, 0, maker))).toBe('scope_exceeded')
    const equal = await make({ scopes: ['functions:run'] }, maker)
    expect(await codeOf(rotate(equal.id, 0, maker))).toBe('done')
  })

  it('are other producers', async () => {
    const bound = { ...maker, producers }
    const others = [{ id: 'runner', product: 'other' }]
    const said = { kind: 'producer' as const, scopes: [] }
    expect(await codeOf(make({ ...said, producers }, bound))).toBe('done')
    expect(await codeOf(make({ ...said, producers: others }, bound))).toBe('producer_not_allowed')
    expect(await codeOf(make({ scopes: ['records:write'] }, bound))).toBe('producer_not_allowed')
  })
})
