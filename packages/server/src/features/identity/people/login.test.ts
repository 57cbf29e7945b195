import { beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { IssuerLost, LoginFailed, type SignedIn } from '../../../ports/issuers.ts'
import { prepare } from '../store.ts'
import {
  claimed,
  codeOf,
  enrolled,
  minute,
  newBrowser,
  origin,
  type Person,
  person,
  proving,
  type Replica,
  replica,
} from './people.test-kit.ts'

const issuer = 'https://issuer.example'
let engines: Parameters<typeof replica>[0]
let one: Replica
let owner: Person
/** Who the issuer says that the next person is, or why not. */
let says: SignedIn | Error
let heard: { callback: string; kept: string }[]
beforeEach(async () => {
  engines = memoryEngines()
  await prepare(engines.tables)
  says = { sub: 'u-1', email: 'Owner@Example.com', emailVerified: true }
  heard = []
  let begun = 0
  one = replica(engines, {
    issuers: {
      logins: [issuer],
      async begin(named, redirectUri) {
        begun += 1
        return {
          url: `${named}/authorize?back=${redirectUri}`,
          state: `state-${begun}`,
          kept: `kept-${begun}`,
        }
      },
      async finish(_, callback, kept) {
        heard.push({ callback: callback.href, kept })
        if (says instanceof Error) throw says
        return says
      },
    },
  })
  owner = await claimed(one)
})

/** Goes to the issuer and comes back; answers where the browser was sent, or the refusal. */
async function login(who: Person, returnTo?: string): Promise<string> {
  await who.ask(one, 'login', { issuer, ...(returnTo === undefined ? {} : { returnTo }) })
  const state = await stateOf()
  const code = await codeOf(who.ask(one, 'callback', { state, code: 'c', iss: issuer }))
  return code === 'done' ? (who.browser.sentTo ?? '') : code
}

/** The state of the login that was begun last. */
let last = 0
beforeEach(() => {
  last = 0
})
async function stateOf(): Promise<string> {
  last += 1
  return `state-${last}`
}

describe('signing in at an issuer', () => {
  it('sends the browser there and back, and opens a session', async () => {
    const who = person()
    await who.ask(one, 'login', { issuer, returnTo: '/console/board' })
    expect(who.browser.sentTo).toBe(`${issuer}/authorize?back=${origin}/auth/callback`)
    await who.ask(one, 'callback', { state: 'state-1', code: 'c', iss: issuer })
    expect(heard).toEqual([
      {
        callback: `${origin}/auth/callback?state=state-1&code=c&iss=https%3A%2F%2Fissuer.example`,
        kept: 'kept-1',
      },
    ])
    expect(who.browser.sentTo).toBe('/console/board')
    expect([...who.browser.jar.keys()]).toEqual(['session'])
    expect(await who.ask(one, 'readSession', {})).toMatchObject({ actor: { email: 'owner@example.com' } })
    const { items } = await who.ask(one, 'listSessions', {})
    expect(items.find(({ current }) => current)?.amr).toEqual(['oidc'])
  })

  it('is begun at no issuer that is not one of ours', async () => {
    expect(await codeOf(person().ask(one, 'login', { issuer: 'https://evil.example' }))).toBe('login_refused')
  })

  it('comes back once, in the browser that began, within ten minutes', async () => {
    const who = person()
    await who.ask(one, 'login', { issuer })
    const other = person(newBrowser())
    const back = { state: 'state-1', code: 'c' }
    expect(await codeOf(other.ask(one, 'callback', back))).toBe('login_refused')
    await other.ask(one, 'login', { issuer })
    expect(await codeOf(other.ask(one, 'callback', back))).toBe('login_refused')
    expect(await codeOf(who.ask(one, 'callback', { code: 'c' }))).toBe('login_refused')
    expect(await codeOf(who.ask(one, 'callback', { ...back, state: 'state-9' }))).toBe('login_refused')
    const cookie = who.browser.jar.get('login') ?? ''
    expect(await codeOf(who.ask(one, 'callback', back))).toBe('done')
    who.browser.jar.set('login', cookie)
    expect(await codeOf(who.ask(one, 'callback', back))).toBe('login_refused')
    await who.ask(one, 'login', { issuer })
    engines.clock.at += 10 * minute
    expect(await codeOf(who.ask(one, 'callback', { ...back, state: 'state-3' }))).toBe('login_refused')
    expect(heard.length).toBe(1)
  })

  it('is refused when the issuer refuses, and unavailable while it is away', async () => {
    says = new LoginFailed('no')
    expect(await login(person())).toBe('login_refused')
    says = new IssuerLost('away')
    expect(await login(person())).toBe('dependency_unavailable')
  })

  it('knows a person by a verified address at first, and then by issuer and subject alone', async () => {
    says = { sub: 'u-1', email: 'owner@example.com', emailVerified: false }
    expect(await login(person())).toBe('login_refused')
    says = { sub: 'u-1', email: null, emailVerified: true }
    expect(await login(person())).toBe('login_refused')
    says = { sub: 'u-1', email: 'owner@example.com', emailVerified: true }
    expect(await login(person())).toBe('/console/')
    says = { sub: 'u-1', email: 'renamed@example.com', emailVerified: false }
    expect(await login(person())).toBe('/console/')
    // Whoever was given the address later is somebody else.
    says = { sub: 'u-2', email: 'owner@example.com', emailVerified: true }
    expect(await login(person())).toBe('login_refused')
    const { items } = await owner.ask(one, 'listOperators', {})
    expect(items[0]?.subjects).toEqual([{ issuer, sub: 'u-1' }])
  })

  it('creates nobody, and lets in nobody who was disabled', async () => {
    says = { sub: 'u-9', email: 'stranger@example.com', emailVerified: true }
    expect(await login(person())).toBe('login_refused')
    const { app } = await enrolled(one, owner)
    const { id } = await owner.ask(one, 'inviteOperator', { email: 'ann@example.com', role: 'viewer' })
    says = { sub: 'u-3', email: 'ann@example.com', emailVerified: true }
    expect(await login(person())).toBe('/console/')
    const { items } = await owner.ask(one, 'listOperators', {})
    expect(items.map(({ email, invitedUntil }) => [email, invitedUntil])).toEqual([
      ['ann@example.com', null],
      ['owner@example.com', null],
    ])
    await proving(one, owner, app, 'disableOperator', { id, reason: 'x' })
    expect(await login(person())).toBe('login_refused')
  })

  it('sends the enrolled on to the page that asks for their code', async () => {
    const { app } = await enrolled(one, owner)
    const who = person()
    const page = await login(who, '/console/board')
    const token = /^\/console\/sign-in#([\w-]{43})$/.exec(page)?.[1] ?? ''
    expect(who.browser.jar.has('session')).toBe(false)
    expect(await codeOf(person(newBrowser()).ask(one, 'confirmLink', { token, totp: app() }))).toBe(
      'wrong_browser',
    )
    expect(await codeOf(who.ask(one, 'confirmLink', { token }))).toBe('totp_required')
    expect(await who.ask(one, 'confirmLink', { token, totp: app() })).toEqual({ returnTo: '/console/board' })
    const { items } = await who.ask(one, 'listSessions', {})
    expect(items.find(({ current }) => current)?.amr).toEqual(['oidc', 'totp'])
  })
})
