import { beforeEach, describe, expect, it } from 'vitest'
import { memoryEngines } from '../../../../test/engines/memory.ts'
import { prepare } from '../store.ts'
import {
  appWith,
  asksLink,
  claimed,
  codeOf,
  enrolled,
  faultFrom,
  invited,
  minute,
  outcomes,
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
const step = 30_000
const doc = async (who: Person, at = one) => {
  const operator = await at.store.view().get('operators', (await who.actor(at)).principal)
  if (operator === null) throw new Error('no operator')
  return operator
}
/** Tries a code at the one route that asks for nothing else: beginning to enrol anew. */
const tryCode = (code: string, who = owner, at = one) => codeOf(who.ask(at, 'enrolTotp', { code }))

describe('enrolling', () => {
  it('makes a secret that counts once its code was typed, and a session under a new id', async () => {
    const before = owner.browser.jar.get('session') ?? ''
    const { secret, uri } = await owner.ask(one, 'enrolTotp', {})
    expect(uri).toMatch(/^otpauth:\/\/totp\/Quarterdeck:owner%40example\.com\?issuer=Quarterdeck&secret=/)
    expect(uri).toContain(`secret=${secret}&algorithm=SHA1&digits=6&period=30`)
    expect((await owner.actor(one)).enrolled).toBe(false)
    const app = appWith(secret, engines.clock)
    expect(await codeOf(owner.ask(one, 'confirmTotp', { code: wrongCode(app) }))).toBe('code_invalid')
    const { recoveryCodes } = await owner.ask(one, 'confirmTotp', { code: app() })
    expect(new Set(recoveryCodes).size).toBe(10)
    for (const code of recoveryCodes) expect(code).toMatch(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/)
    expect((await owner.actor(one)).enrolled).toBe(true)
    expect(owner.browser.jar.get('session')).not.toBe(before)
    expect(await one.part.sessions.find(before)).toBeNull()
    const { items } = await owner.ask(one, 'listSessions', {})
    expect(items).toMatchObject([{ amr: ['claim', 'totp'], current: true }])
  })

  it('stores the secret sealed and the recovery codes by hash', async () => {
    const { secret } = await owner.ask(one, 'enrolTotp', {})
    const { recoveryCodes } = await owner.ask(one, 'confirmTotp', { code: appWith(secret, engines.clock)() })
    const text = JSON.stringify(await doc(owner))
    expect(text).not.toContain(secret)
    for (const code of recoveryCodes) expect(text).not.toContain(code.replaceAll('-', ''))
    expect((await doc(owner)).recovery.length).toBe(10)
  })

  it('confirms nothing that was not begun, and nothing twice', async () => {
    expect(await codeOf(owner.ask(one, 'confirmTotp', { code: '000000' }))).toBe('code_invalid')
    const { app } = await enrolled(one, owner)
    expect(await codeOf(owner.ask(one, 'confirmTotp', { code: app() }))).toBe('code_invalid')
  })

  it('anew needs the code of the old factor, which stays until the new one is confirmed', async () => {
    const { app } = await enrolled(one, owner)
    expect(await codeOf(owner.ask(one, 'enrolTotp', {}))).toBe('totp_required')
    expect(await tryCode(wrongCode(app))).toBe('code_invalid')
    const { secret } = await owner.ask(one, 'enrolTotp', { code: app() })
    pass(step)
    expect(await tryCode(app())).toBe('done')
    expect(await codeOf(owner.ask(one, 'confirmTotp', { code: appWith(secret, engines.clock)() }))).toBe(
      'code_invalid',
    )
  })

  it('is not let in by what was asked for before another session enrolled', async () => {
    const thief = person()
    await thief.ask(one, 'confirmLink', {
      token: (await asksLink(one, thief, 'owner@example.com')).token,
    })
    const begun = await thief.ask(one, 'enrolTotp', {})
    await enrolled(one, owner)
    const code = appWith(begun.secret, engines.clock)()
    expect(await codeOf(thief.ask(one, 'confirmTotp', { code }))).toBe('code_invalid')
    expect(await codeOf(thief.ask(one, 'enrolTotp', {}))).toBe('totp_required')
  })
})

describe('a code', () => {
  it('counts in its step and one beside it, no further', async () => {
    const { app } = await enrolled(one, owner)
    pass(10 * step)
    expect(await tryCode(app(-2))).toBe('code_invalid')
    expect(await tryCode(app(2))).toBe('code_invalid')
    expect(await tryCode(app(-1))).toBe('done')
    expect(await tryCode(app())).toBe('done')
    expect(await tryCode(app(1))).toBe('done')
  })

  it('counts once, and none before it counts any more', async () => {
    const { app } = await enrolled(one, owner)
    pass(step)
    expect(await tryCode(app())).toBe('done')
    expect(await tryCode(app())).toBe('code_invalid')
    expect(await tryCode(app(-1))).toBe('code_invalid')
  })

  it('is known after the secret was changed, while the one before it is set, and sealed anew then', async () => {
    const { app } = await enrolled(one, owner)
    const before = (await doc(owner)).totp
    const turned = replica(engines, {
      name: 'turned',
      secret: '22'.repeat(32),
      secretPrevious: '11'.repeat(32),
    })
    expect(await tryCode(app(), owner, turned)).toBe('done')
    expect((await doc(owner)).totp).not.toBe(before)
    pass(step)
    const alone = replica(engines, { name: 'alone', secret: '22'.repeat(32) })
    expect(await tryCode(app(), owner, alone)).toBe('done')
    pass(step)
    expect(await codeOf(owner.ask(one, 'enrolTotp', { code: app() }))).toBe('internal')
  })
})

describe('wrong codes', () => {
  it('lock the factor on every route and replica after five, for 15 minutes', async () => {
    const { app, recoveryCodes } = await enrolled(one, owner)
    const two = replica(engines, { name: 'two' })
    for (let n = 0; n < 5; n += 1) {
      expect(await tryCode(wrongCode(app), owner, n % 2 === 0 ? one : two)).toBe('code_invalid')
      pass(minute)
    }
    const locked = await faultFrom(owner.ask(two, 'enrolTotp', { code: app() }))
    expect([locked.code, locked.status, locked.members]).toEqual(['factor_locked', 429, { retryAfter: 840 }])
    const who = person()
    const { token } = await asksLink(two, who, 'owner@example.com')
    expect(await codeOf(who.ask(two, 'confirmLink', { token, totp: app() }))).toBe('factor_locked')
    const recovery = recoveryCodes[0] ?? ''
    expect(await codeOf(who.ask(two, 'confirmLink', { token, recovery }))).toBe('factor_locked')
    expect(await codeOf(owner.ask(two, 'confirmTotp', { code: app() }))).toBe('factor_locked')
    const said = { challenge: await challenge(two), word: 'PROMOTE', code: app() }
    expect(await codeOf(owner.ask(two, 'prove', said))).toBe('factor_locked')
    pass(14 * minute - 1)
    expect(await tryCode(app())).toBe('factor_locked')
    pass(1)
    expect(await tryCode(app())).toBe('done')
  })

  it('are forgotten one by one, 15 minutes after each', async () => {
    const { app } = await enrolled(one, owner)
    for (let n = 0; n < 4; n += 1) {
      await tryCode(wrongCode(app))
      pass(4 * minute)
    }
    // The first is 16 minutes old, three count.
    expect(await tryCode(wrongCode(app))).toBe('code_invalid')
    expect(await tryCode(app())).toBe('done')
    expect(await tryCode(wrongCode(app))).toBe('code_invalid')
    expect(await tryCode(app(1))).toBe('factor_locked')
  })

  it('are not cleared by a right one, and a right one is none of them', async () => {
    const { app } = await enrolled(one, owner)
    for (let n = 0; n < 8; n += 1) {
      expect(await tryCode(app())).toBe('done')
      pass(step)
    }
    for (let n = 0; n < 4; n += 1) expect(await tryCode(wrongCode(app))).toBe('code_invalid')
    expect(await tryCode(app())).toBe('done')
    pass(step)
    expect(await tryCode(wrongCode(app))).toBe('code_invalid')
    expect(await tryCode(app())).toBe('factor_locked')
  })

  it('of one operator lock nobody else', async () => {
    const { app } = await enrolled(one, owner)
    const ann = await invited(one, owner, 'ann@example.com', 'viewer')
    const anns = await enrolled(one, ann)
    for (let n = 0; n < 6; n += 1) await tryCode(wrongCode(app))
    expect(await tryCode(anns.app(), ann)).toBe('done')
  })

  it('are checked five times, of 64 guesses made at once', async () => {
    const { app } = await enrolled(one, owner)
    const two = replica(engines, { name: 'two' })
    const guesses = Array.from({ length: 64 }, (_, n) =>
      owner.ask(n % 2 === 0 ? one : two, 'enrolTotp', { code: wrongCode(app) }),
    )
    expect(await outcomes(guesses)).toEqual({ code_invalid: 5, factor_locked: 59 })
  })
})

describe('a recovery code', () => {
  it('signs in once, however it is typed', async () => {
    const { recoveryCodes } = await enrolled(one, owner)
    const [first = ''] = recoveryCodes
    const enter = async (recovery: string) => {
      const who = person()
      const { token } = await asksLink(one, who, 'owner@example.com')
      return { who, code: await codeOf(who.ask(one, 'confirmLink', { token, recovery })) }
    }
    const { who, code } = await enter(first.toLowerCase().replaceAll('-', ' '))
    expect(code).toBe('done')
    expect(await who.ask(one, 'listSessions', {})).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ amr: ['link', 'recovery'], current: true })]),
    })
    expect((await enter(first)).code).toBe('code_invalid')
    expect((await doc(owner)).recovery.length).toBe(9)
  })

  it('lets that session enrol anew, and no other; it never proves', async () => {
    const { recoveryCodes } = await enrolled(one, owner)
    const who = person()
    const { token } = await asksLink(one, who, 'owner@example.com')
    await who.ask(one, 'confirmLink', { token, recovery: recoveryCodes[0] ?? '' })
    expect(await codeOf(owner.ask(one, 'enrolTotp', {}))).toBe('totp_required')
    const code = (recoveryCodes[1] ?? '').slice(0, 6)
    expect(await codeOf(who.ask(one, 'prove', { challenge: 'x', code }))).toBe('invalid')
    const { secret } = await who.ask(one, 'enrolTotp', {})
    const app = appWith(secret, engines.clock)
    await who.ask(one, 'confirmTotp', { code: app() })
    expect((await who.ask(one, 'listSessions', {})).items.find(({ current }) => current)?.amr).toEqual([
      'link',
      'totp',
    ])
    expect(await codeOf(who.ask(one, 'enrolTotp', {}))).toBe('totp_required')
    const back = person()
    const again = await asksLink(one, back, 'owner@example.com')
    const old = { token: again.token, recovery: recoveryCodes[2] ?? '' }
    expect(await codeOf(back.ask(one, 'confirmLink', old))).toBe('code_invalid')
  })
})

/** A challenge of somebody for an act that asks for a word, as the door makes it. */
async function challenge(at = one, who = owner, word: string | null = 'PROMOTE'): Promise<string> {
  const act = {
    operation: { name: 'releases.promote', proof: { word } },
    actor: await who.actor(at),
    input: {},
    shown: { does: 'Promote' },
    proof: undefined,
  } as const
  return String((await faultFrom(at.proofs.demand(act))).members.challenge)
}

describe('proving', () => {
  it('needs a factor, the exact word and the code', async () => {
    const early = await challenge()
    expect(await codeOf(owner.ask(one, 'prove', { challenge: early, word: 'PROMOTE', code: '000000' }))).toBe(
      'enrolment_required',
    )
    const { app } = await enrolled(one, owner)
    const mine = await challenge()
    for (const word of ['promote', ' PROMOTE', '', undefined])
      expect(
        await codeOf(
          owner.ask(one, 'prove', {
            challenge: mine,
            code: app(),
            ...(word === undefined ? {} : { word }),
          }),
        ),
      ).toBe('proof_invalid')
    const said = { challenge: mine, word: 'PROMOTE' }
    expect(await codeOf(owner.ask(one, 'prove', { ...said, code: wrongCode(app) }))).toBe('proof_invalid')
    expect(await owner.ask(one, 'prove', { ...said, code: app() })).toEqual({
      proof: expect.stringMatching(/^[\w-]{43}$/),
      expiresAt: new Date(engines.clock.at + 2 * minute).toISOString(),
    })
    pass(step)
    expect(await codeOf(owner.ask(one, 'prove', { ...said, code: app() }))).toBe('proof_invalid')
  })

  it('asks for the code alone where there is no word', async () => {
    const { app } = await enrolled(one, owner)
    const mine = await challenge(one, owner, null)
    expect(await codeOf(owner.ask(one, 'prove', { challenge: mine, code: app() }))).toBe('done')
  })

  it("takes nobody else's challenge, none after five minutes, and no code for it", async () => {
    const { app } = await enrolled(one, owner)
    const ann = await invited(one, owner, 'ann@example.com', 'owner')
    const anns = await enrolled(one, ann)
    const said = { challenge: await challenge(), word: 'PROMOTE' }
    expect(await codeOf(ann.ask(one, 'prove', { ...said, code: anns.app() }))).toBe('proof_invalid')
    expect(await tryCode(anns.app(), ann)).toBe('done')
    pass(5 * minute)
    expect(await codeOf(owner.ask(one, 'prove', { ...said, code: app() }))).toBe('proof_invalid')
  })
})
