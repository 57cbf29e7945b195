import { beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { KeepLost } from '../../../ports/keep.ts'
import { prepare } from '../store.ts'
import {
  asksLink,
  claimed,
  codeOf,
  day,
  enrolled,
  faultFrom,
  invited,
  linkIn,
  minute,
  newBrowser,
  origin,
  type Person,
  person,
  type Replica,
  replica,
  wrongCode,
} from './people.test-kit.ts'

let engines: Parameters<typeof replica>[0]
let one: Replica
let owner: Person
beforeEach(async () => {
  engines = memoryEngines()
  await prepare(engines.tables)
  one = replica(engines)
  owner = await claimed(one)
})
const pass = (ms: number) => {
  engines.clock.at += ms
}
const wrong = ['00000001', '00000002', '00000003', '00000004', '00000005']

describe('asking for a link', () => {
  it('sends a link and a code to whoever is known, in a mail that says no more', async () => {
    const { token, code } = await asksLink(one, person(), 'owner@example.com')
    const [mail] = one.mails
    expect(mail).toMatchObject({ to: 'owner@example.com', subject: 'Sign in to Quarterdeck' })
    expect(mail?.text).toContain(`${origin}/console/sign-in#${token}\n`)
    expect([token.length, code.length]).toEqual([43, 9])
    expect(mail?.subject).not.toContain(code)
  })

  it('answers the same to known, unknown, disabled and throttled, and leaves the same behind', async () => {
    const gone = await invited(one, owner, 'gone@example.com', 'viewer')
    await disable(gone.id)
    const throttled = await invited(one, owner, 'often@example.com', 'viewer')
    for (let n = 0; n < 4; n += 1) await asksLink(one, person(newBrowser(`10.0.0.${n}`)), 'often@example.com')
    expect(throttled.id).not.toBe('')
    one.mails.length = 0
    const seen: unknown[] = []
    for (const [n, email] of ['owner', 'nobody', 'gone', 'often']
      .map((name) => `${name}@example.com`)
      .entries()) {
      // Nothing leaves while the answer is made: the queue never gets to its work.
      const held = replica(engines, { name: email, pause: () => new Promise(() => undefined) })
      const who = person(newBrowser(`198.51.100.${n}`))
      const before = (await one.keep.scan('', 1_000)).length
      const answer = await who.ask(held, 'requestLink', { email })
      const cookie = who.browser.jar.get('link') ?? ''
      const more = (await one.keep.scan('', 1_000)).length - before
      seen.push({ answer, cookies: [...who.browser.jar.keys()], length: cookie.length, more })
      expect(await codeOf(who.ask(held, 'confirmLink', { code: '00000000' }))).toBe('code_invalid')
    }
    expect(new Set(seen.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(one.mails).toEqual([])
  })

  it('sends nothing to unknown and disabled ones, and wrong codes go the same way for them', async () => {
    const who = person()
    await who.ask(one, 'requestLink', { email: 'nobody@example.com' })
    for (const code of wrong) expect(await codeOf(who.ask(one, 'confirmLink', { code }))).toBe('code_invalid')
    expect(await codeOf(who.ask(one, 'confirmLink', { code: '00000006' }))).toBe('link_spent')
    await one.part.stop()
    expect(one.mails).toEqual([])
  })

  it('sends five mails an hour to an address, whoever asks, then none until an hour has passed', async () => {
    for (let n = 0; n < 7; n += 1)
      await person(newBrowser(`10.0.0.${n}`)).ask(one, 'requestLink', { email: 'owner@example.com' })
    await one.part.stop()
    expect(one.mails.length).toBe(5)
    pass(60 * minute)
    const later = replica(engines, { name: 'later' })
    await person().ask(later, 'requestLink', { email: 'owner@example.com' })
    await later.part.stop()
    expect(later.mails.length).toBe(1)
  })

  it('answers ten times an hour to a client address, a network of IPv6 counting as one, then 429', async () => {
    const ask = (n: number) =>
      person(newBrowser(`2001:db8::${n}`)).ask(one, 'requestLink', { email: `a${n}@example.com` })
    for (let n = 1; n <= 10; n += 1) await ask(n)
    const refused = await faultFrom(ask(11))
    expect([refused.code, refused.status]).toEqual(['rate_limited', 429])
    expect(refused.members.retryAfter).toBe(3_600)
    expect(
      await codeOf(person(newBrowser('2001:db8:0:1::1')).ask(one, 'requestLink', { email: 'b@b.example' })),
    ).toBe('done')
    pass(60 * minute)
    expect(await codeOf(ask(12))).toBe('done')
  })

  it('is refused while the store of limits is away, instead of letting anybody try', async () => {
    const lost = async () => {
      throw new KeepLost('away')
    }
    const keep = { ...engines.keep, get: lost, put: lost, compareAndSet: lost }
    const cut = replica({ ...engines, keep }, { name: 'cut' })
    const who = person()
    expect(await codeOf(who.ask(cut, 'requestLink', { email: 'owner@example.com' }))).toBe(
      'dependency_unavailable',
    )
    expect([...who.browser.jar.keys()]).toEqual([])
  })

  it('keeps links, codes and cookies by hash only', async () => {
    const who = person()
    const { token, code } = await asksLink(one, who, 'owner@example.com')
    const kept = JSON.stringify(await one.keep.scan('', 1_000))
    for (const secret of [token, code, code.replace('-', ''), who.browser.jar.get('link') ?? 'none'])
      expect(kept).not.toContain(secret)
  })
})

describe('signing in with a link', () => {
  it('opens a session under a new id and sends the person where they wanted', async () => {
    const before = owner.browser.jar.get('session')
    const { token } = await asksLink(one, owner, 'owner@example.com', '/console/board')
    expect(await owner.ask(one, 'confirmLink', { token })).toEqual({ returnTo: '/console/board' })
    expect(owner.browser.jar.get('session')).not.toBe(before)
    expect(await one.part.sessions.find(before ?? '')).toBeNull()
    expect(owner.browser.jar.has('link')).toBe(false)
    const { items } = await owner.ask(one, 'listSessions', {})
    expect(items).toMatchObject([{ amr: ['link'], tenant: 'home', client: 'Firefox', current: true }])
  })

  it('works once, by link or by code, and not after ten minutes', async () => {
    const who = person()
    const first = await asksLink(one, who, 'owner@example.com')
    const cookie = who.browser.jar.get('link') ?? ''
    await who.ask(one, 'confirmLink', { code: first.code })
    who.browser.jar.set('link', cookie)
    expect(await codeOf(who.ask(one, 'confirmLink', { token: first.token }))).toBe('link_spent')
    expect(await codeOf(who.ask(one, 'confirmLink', { code: first.code }))).toBe('link_spent')
    const second = await asksLink(one, who, 'owner@example.com')
    pass(10 * minute)
    expect(await codeOf(who.ask(one, 'confirmLink', { token: second.token }))).toBe('link_spent')
    expect(await codeOf(who.ask(one, 'confirmLink', { code: second.code }))).toBe('link_spent')
    expect(await codeOf(who.ask(one, 'confirmLink', { token: 'x' }))).toBe('link_spent')
  })

  it('is refused in another browser and stays unspent; the code works where it was asked for', async () => {
    const who = person()
    const { token, code } = await asksLink(one, who, 'owner@example.com')
    const phone = person()
    expect(await codeOf(phone.ask(one, 'confirmLink', { token }))).toBe('wrong_browser')
    expect(await codeOf(phone.ask(one, 'confirmLink', { code }))).toBe('wrong_browser')
    await phone.ask(one, 'requestLink', { email: 'nobody@example.com' })
    expect(await codeOf(phone.ask(one, 'confirmLink', { token }))).toBe('wrong_browser')
    expect(await codeOf(phone.ask(one, 'confirmLink', { code }))).toBe('code_invalid')
    expect(await codeOf(who.ask(one, 'confirmLink', { code: code.toLowerCase() }))).toBe('done')
  })

  it('is over after five wrong codes, the right one and the link too', async () => {
    const who = person()
    const { token, code } = await asksLink(one, who, 'owner@example.com')
    for (const typed of wrong)
      expect(await codeOf(who.ask(one, 'confirmLink', { code: typed }))).toBe('code_invalid')
    expect(await codeOf(who.ask(one, 'confirmLink', { code }))).toBe('link_spent')
    expect(await codeOf(who.ask(one, 'confirmLink', { token }))).toBe('link_spent')
    // Asking again brings a link that works, and brings none back that is over.
    const next = await asksLink(one, who, 'owner@example.com')
    expect(await codeOf(who.ask(one, 'confirmLink', { token }))).toBe('link_spent')
    expect(await codeOf(who.ask(one, 'confirmLink', { token: next.token }))).toBe('done')
  })

  it('looks at five codes of any number that are typed at once', async () => {
    const who = person()
    const { code } = await asksLink(one, who, 'owner@example.com')
    const guesses = Array.from({ length: 63 }, (_, n) => String(n).padStart(8, '0'))
    const answers = await Promise.all(
      [...guesses, code].map((typed) => codeOf(who.ask(one, 'confirmLink', { code: typed }))),
    )
    expect(answers.filter((answer) => answer === 'code_invalid').length).toBe(5)
    expect(answers.at(-1)).toBe('link_spent')
  })

  it('takes the links of two mails that one browser asked for, whichever is opened', async () => {
    const who = person()
    const first = await asksLink(one, who, 'owner@example.com')
    const second = await asksLink(one, who, 'owner@example.com')
    expect(await codeOf(who.ask(one, 'confirmLink', { code: first.code }))).toBe('done')
    expect(second.token).not.toBe(first.token)
  })

  it('needs the token or the code', async () => {
    const who = person()
    const { token, code } = await asksLink(one, who, 'owner@example.com')
    expect(await codeOf(who.ask(one, 'confirmLink', {}))).toBe('invalid')
    expect(await codeOf(who.ask(one, 'confirmLink', { token, code }))).toBe('invalid')
  })

  it('asks an enrolled operator for a code, and leaves the link unspent until it is right', async () => {
    const { app } = await enrolled(one, owner)
    const who = person()
    const { token } = await asksLink(one, who, 'owner@example.com')
    expect(await codeOf(who.ask(one, 'confirmLink', { token }))).toBe('totp_required')
    expect(await codeOf(who.ask(one, 'confirmLink', { token, totp: wrongCode(app) }))).toBe('code_invalid')
    expect(who.browser.jar.has('session')).toBe(false)
    await who.ask(one, 'confirmLink', { token, totp: app() })
    const { items } = await who.ask(one, 'listSessions', {})
    expect(items.find(({ current }) => current)?.amr).toEqual(['link', 'totp'])
    expect(await who.ask(one, 'readSession', {})).toMatchObject({ enrolled: true })
  })

  it('costs an enrolled operator who types the right mail code no try of it', async () => {
    const { app } = await enrolled(one, owner)
    const who = person()
    const { code } = await asksLink(one, who, 'owner@example.com')
    for (let n = 0; n < 6; n += 1)
      expect(await codeOf(who.ask(one, 'confirmLink', { code }))).toBe('totp_required')
    expect(await codeOf(who.ask(one, 'confirmLink', { code, totp: app() }))).toBe('done')
  })

  it('gives a program a pair of tokens instead of a cookie', async () => {
    const who = person()
    const { code } = await asksLink(one, who, 'owner@example.com')
    expect(await who.ask(one, 'confirmLink', { code, as: 'token' })).toMatchObject({
      accessToken: expect.any(String),
      expiresAt: '2026-05-03T09:45:00.000Z',
    })
    expect([...who.browser.jar.keys()]).toEqual([])
  })

  it('opens the tenant that is asked for, else home, else the first; never one that is not theirs', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'viewer', 'shop')
    expect((await ann.actor(one)).tenant).toBe('shop')
    await owner.ask(one, 'inviteOperator', { email: 'ann@example.com', role: 'viewer' })
    await owner.ask(one, 'inviteOperator', { email: 'ann@example.com', role: 'support', tenant: 'mill' })
    const enter = async (tenant?: string) => {
      const { token } = await asksLink(one, ann, 'ann@example.com')
      const code = await codeOf(
        ann.ask(one, 'confirmLink', { token, ...(tenant === undefined ? {} : { tenant }) }),
      )
      return code === 'done' ? (await ann.actor(one)).tenant : code
    }
    expect(await enter()).toBe('home')
    expect(await enter('mill')).toBe('mill')
    expect(await ann.ask(one, 'readSession', {})).toMatchObject({
      roles: ['support'],
      tenants: ['shop', 'home', 'mill'],
    })
    expect(await enter('bank')).toBe('tenant_mismatch')
  })

  it('keeps out whoever was disabled after the mail was sent, asking for no code', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    await enrolled(one, ann)
    const { token } = await asksLink(one, ann, 'ann@example.com')
    await disable(ann.id)
    expect(await codeOf(ann.ask(one, 'confirmLink', { token }))).toBe('link_spent')
  })

  it('keeps out whoever is disabled, or enrols elsewhere, while the link is being spent', async () => {
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    /** A replica where something happens just before a link is spent. */
    const slow = (name: string, meanwhile: () => Promise<unknown>) =>
      replica(
        {
          ...engines,
          keep: {
            ...engines.keep,
            async compareAndSet(key, ...rest) {
              if (key.startsWith('link/token/')) await meanwhile()
              return engines.keep.compareAndSet(key, ...rest)
            },
          },
        },
        { name },
      )
    const who = person()
    const first = await asksLink(one, who, 'ann@example.com')
    const enrolling = slow('enrolling', () => enrolled(one, ann))
    expect(await codeOf(who.ask(enrolling, 'confirmLink', { token: first.token }))).toBe('link_spent')
    const last = await asksLink(one, owner, 'owner@example.com')
    const id = (await owner.actor(one)).principal
    const disabling = slow('disabling', () => disable(id))
    expect(await codeOf(owner.ask(disabling, 'confirmLink', { token: last.token }))).toBe('link_spent')
    expect(who.browser.jar.has('session')).toBe(false)
  })
})

/** Disables an operator behind everybody's back. */
async function disable(id: string): Promise<void> {
  await one.store.change(async (view) => {
    const doc = await view.get('operators', id)
    if (doc !== null) view.set('operators', id, { ...doc, disabledAt: engines.clock.at })
  })
}

describe('an invitation', () => {
  it('carries no token: it tells where to ask for a link, and the first sign-in accepts it', async () => {
    const made = await owner.ask(one, 'inviteOperator', { email: 'Ann@Example.com', role: 'developer' })
    expect(made).toMatchObject({
      email: 'ann@example.com',
      name: 'ann',
      memberships: [{ tenant: 'home', role: 'developer' }],
      invitedUntil: '2026-05-10T09:30:00.000Z',
    })
    const ann = person()
    const { token } = await asksLink(one, ann, 'ann@example.com')
    expect(one.mails.filter(({ text }) => text.includes('#')).length).toBe(1)
    await ann.ask(one, 'confirmLink', { token })
    expect((await ann.actor(one)).roles).toEqual(['developer'])
    const { items } = await owner.ask(one, 'listOperators', {})
    expect(items.map(({ email, invitedUntil }) => [email, invitedUntil])).toEqual([
      ['ann@example.com', null],
      ['owner@example.com', null],
    ])
  })

  it('runs out after seven days, and can be made again', async () => {
    await owner.ask(one, 'inviteOperator', { email: 'ann@example.com', role: 'viewer' })
    expect(await codeOf(owner.ask(one, 'inviteOperator', { email: 'ann@example.com', role: 'viewer' }))).toBe(
      'already_operator',
    )
    pass(7 * day)
    owner = await again(owner)
    one.mails.length = 0
    await person().ask(one, 'requestLink', { email: 'ann@example.com' })
    await one.part.stop()
    expect(one.mails).toEqual([])
    const two = replica(engines, { name: 'two' })
    await owner.ask(two, 'inviteOperator', { email: 'ann@example.com', role: 'viewer' })
    const ann = person()
    expect(await codeOf(ann.ask(two, 'confirmLink', await justToken(ann, 'ann@example.com', two)))).toBe(
      'done',
    )
  })
})

/** A link for somebody, as the input of confirming. */
async function justToken(who: Person, email = 'owner@example.com', at = one): Promise<{ token: string }> {
  return { token: (await asksLink(at, who, email)).token }
}

/** The same person, signed in anew. */
async function again(who: Person): Promise<Person> {
  await who.ask(one, 'requestLink', { email: 'owner@example.com' })
  one.mails.length = 0
  await who.ask(one, 'confirmLink', { token: (await linkIn(one, 'owner@example.com')).token })
  return who
}
