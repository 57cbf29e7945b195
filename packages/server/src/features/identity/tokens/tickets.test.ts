import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { prepare } from '../store.ts'
import { callOf, codeOf, type Engines, origin, owner, type Replica, replica } from './tokens.test-kit.ts'

let engines: Engines
let one: Replica
let two: Replica

beforeEach(async () => {
  engines = memoryEngines()
  await prepare(engines.tables)
  const settings = { bootstrapTokens: [{ token: 'of the settings', tenant: 'home', label: 'bootstrap' }] }
  one = replica(engines, settings)
  two = replica(engines, { ...settings, name: 'two' })
  await one.part.start()
  await two.part.start()
})
afterEach(async () => {
  await one.part.stop()
  await two.part.stop()
})

const app = 'https://app.example.com'

/** A ticket for whom a token stands. */
async function ticketFor(token: string, from: string | null = app, kind: 'bearer' | 'cookie' = 'bearer') {
  const { actor } = await one.by(token, kind)
  const issued = await one.part.handlers.issueTicket(callOf(actor, { topics: ['state', 'chat:s-1'] }, from))
  return issued.ticket
}
const use = (ticket: string, said: { origin?: string | null; topics?: string[] } = {}, at = two) =>
  at.part.authenticator.authenticate({
    kind: 'ticket',
    value: ticket,
    origin: app,
    topics: ['state'],
    ...said,
  })

describe('a ticket', () => {
  it('opens what its credential may, once, at any replica', async () => {
    const ticket = await ticketFor('of the settings')
    expect(ticket).toMatch(/^[\w-]{43}$/)
    const { actor } = await use(ticket)
    expect(actor).toEqual((await one.by('of the settings')).actor)
    expect(await codeOf(use(ticket))).toBe('unauthenticated')
  })

  it('is used by one of many at once', async () => {
    const ticket = await ticketFor('of the settings')
    const codes = await Promise.all([one, two, one, two].map((at) => codeOf(use(ticket, {}, at))))
    expect(codes.filter((code) => code === 'done')).toHaveLength(1)
    expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(3)
  })

  it('ends after 30 s', async () => {
    const late = await ticketFor('of the settings')
    engines.clock.at += 30_000
    expect(await codeOf(use(late))).toBe('unauthenticated')
  })

  it.each([
    ['another origin', { origin: 'https://evil.example.com' }],
    ['the origin of the console', { origin }],
    ['no origin', { origin: null }],
    ['another topic', { topics: ['state', 'telemetry'] }],
    ['no topic', { topics: [] }],
  ])('is spent and refused with %s', async (_, said) => {
    const ticket = await ticketFor('of the settings')
    expect(await codeOf(use(ticket, said))).toBe('unauthenticated')
    expect(await codeOf(use(ticket))).toBe('unauthenticated')
  })

  it('of the console’s own page is taken without an origin, as browsers read from their own', async () => {
    expect(await codeOf(use(await ticketFor('of the settings', origin), { origin: null }))).toBe('done')
    expect(await codeOf(use(await ticketFor('of the settings', null), { origin: null }))).toBe('done')
    expect(await codeOf(use(await ticketFor('of the settings', null), { origin: app }))).toBe(
      'unauthenticated',
    )
  })

  it('is no token, and a token is no ticket', async () => {
    expect(await codeOf(one.by(await ticketFor('of the settings')))).toBe('unauthenticated')
    expect(await codeOf(use('of the settings'))).toBe('unauthenticated')
  })

  it('goes on as long as what stands behind it: a token', async () => {
    const { id, token } = await one.part.handlers.createToken(
      callOf(owner, { kind: 'service', label: 'a', scopes: ['records:read'] }),
    )
    const verified = await use(await ticketFor(token), {}, one)
    expect((await verified.again()).permissions).toEqual(['records:read'])
    await one.part.handlers.revokeToken(callOf(owner, { id }))
    expect(await codeOf(verified.again())).toBe('credential_revoked')
  })

  it('goes on as long as what stands behind it: a session', async () => {
    const { actor } = await one.by('of the settings')
    const session = await one.sessions.open({
      actor: actor.credential,
      kind: 'credential',
      tenant: 'home',
      amr: ['token'],
      client: 'Firefox',
      epoch: 0,
    })
    const verified = await use(await ticketFor(session.token, app, 'cookie'), {}, one)
    expect(verified.actor).toEqual({ ...actor, credential: session.id })
    expect(await codeOf(verified.again())).toBe('done')
    await one.sessions.close(session.token)
    one.part.evict([`sessions/${session.id}`])
    expect(await codeOf(verified.again())).toBe('credential_revoked')
  })

  it('goes on as long as what stands behind it: an access token', async () => {
    const { accessToken } = await one.part.families.open({
      class: 'user',
      subject: 'user-7',
      tenant: 'home',
      groups: ['staff'],
      epoch: 0,
      ttlSeconds: 60,
    })
    const verified = await use(await ticketFor(accessToken))
    expect(verified.actor).toMatchObject({ principal: 'user-7', class: 'user', groups: ['staff'] })
    expect(await codeOf(verified.again())).toBe('done')
    engines.clock.at += 90_000
    expect(await codeOf(verified.again())).toBe('credential_expired')
  })

  it('is given to nobody who brought nothing', async () => {
    const call = callOf(owner, { topics: ['state'] })
    expect(await codeOf(one.part.handlers.issueTicket(call))).toBe('class_not_accepted')
  })
})
