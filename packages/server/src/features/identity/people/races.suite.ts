import { afterEach, describe, expect, it } from 'vitest'
import { prepare } from '../store.ts'
import {
  asksLink,
  type Clock,
  claimed,
  enrolled,
  faultFrom,
  invited,
  linkIn,
  newBrowser,
  outcomes,
  type Person,
  person,
  type Replica,
  replica,
  wrongCode,
} from './people.test-kit.ts'

type Engines = Omit<Parameters<typeof replica>[0], 'clock'>

/** The engines of two processes on one store. */
export interface RaceStand {
  readonly engines: readonly [Engines, Engines]
  dispose(): Promise<void>
}

/** What must happen once, tried by two replicas at the same time. */
export function racesSuite(name: string, stand: (clock: Clock) => Promise<RaceStand>) {
  describe(`two replicas on ${name}`, () => {
    const stands: RaceStand[] = []
    afterEach(async () => {
      for (const one of stands.splice(0)) await one.dispose()
    })
    async function start(more: Parameters<typeof replica>[1] = {}) {
      const clock = { at: Date.now() }
      const opened = await stand(clock)
      stands.push(opened)
      const [first, second] = opened.engines
      await prepare(first.tables)
      await prepare(second.tables)
      const one = replica({ ...first, clock }, { ...more, name: 'one' })
      const two = replica({ ...second, clock }, { ...more, name: 'two' })
      /** Makes attempts in turn at both, all at once. */
      const race = (many: number, attempt: (at: Replica, n: number) => Promise<unknown>) =>
        outcomes(Array.from({ length: many }, (_, n) => attempt(n % 2 === 0 ? one : two, n)))
      return { one, two, clock, race }
    }

    /** The same browser as another request sees it: what one answer sets, the other does not have. */
    function copyOf(who: Person): Person {
      const browser = newBrowser()
      for (const [cookie, value] of who.browser.jar) browser.jar.set(cookie, value)
      return person(browser)
    }

    it('make one claim code, and one owner of many who hold it', async () => {
      const { one, two, race } = await start()
      const codes = await Promise.all([one, two, one, two].map((at) => at.part.claimCode()))
      const [code = ''] = codes.filter((made) => made !== null)
      expect(codes.filter((made) => made !== null).length).toBe(1)
      const { done } = await race(6, (at, n) =>
        person().ask(at, 'claim', { code, email: `e${n}@example.com`, name: 'E' }),
      )
      expect(done).toBe(1)
      expect((await one.store.view().page('operators', { limit: 10 })).rows.length).toBe(1)
    })

    it('let a link in once', async () => {
      const { one, race } = await start()
      await claimed(one)
      const who = person()
      const { token, code } = await asksLink(one, who, 'owner@example.com')
      const attempts = await race(6, (at, n) =>
        copyOf(who).ask(at, 'confirmLink', n % 3 === 0 ? { code } : { token }),
      )
      expect(attempts).toEqual({ done: 1, link_spent: 5 })
      const sessions = (await one.store.view().page('sessions', { limit: 10 })).rows
      expect(sessions.map(({ amr }) => amr.join()).sort()).toEqual(['claim', 'link'])
    })

    it('take a recovery code once', async () => {
      const { one, race } = await start()
      const { recoveryCodes } = await enrolled(one, await claimed(one))
      const [recovery = ''] = recoveryCodes
      const tokens: { who: Person; token: string }[] = []
      for (let n = 0; n < 4; n += 1) {
        const who = person()
        tokens.push({ who, token: (await asksLink(one, who, 'owner@example.com')).token })
      }
      const attempts = await race(4, (at, n) => {
        const { who = person(), token = '' } = tokens[n] ?? {}
        return who.ask(at, 'confirmLink', { token, recovery })
      })
      expect(attempts).toEqual({ done: 1, code_invalid: 3 })
    })

    it('take the code of a time step once, whatever it is for', async () => {
      const { one, two, race } = await start()
      const owner = await claimed(one)
      const { app } = await enrolled(one, owner)
      await person().ask(two, 'requestLink', { email: 'owner@example.com' })
      const attempts = await race(4, (at) => owner.ask(at, 'enrolTotp', { code: app() }))
      expect(attempts).toEqual({ done: 1, code_invalid: 3 })
    })

    it('give one proof for a challenge, and take it once', async () => {
      const { one, race, clock } = await start()
      const owner = await claimed(one)
      const { app } = await enrolled(one, owner)
      const { id } = await invited(one, owner, 'ann@example.com', 'viewer')
      const input = { id, reason: 'left' }
      const { members } = await faultFrom(owner.ask(one, 'disableOperator', input))
      const challenge = String(members.challenge)
      const proofs: string[] = []
      const granted = await race(3, async (at, n) => {
        proofs.push((await owner.ask(at, 'prove', { challenge, code: app(n - 1) })).proof)
      })
      expect(granted).toEqual({ done: 1, proof_invalid: 2 })
      clock.at += 30_000
      const attempts = await race(4, (at) => owner.ask(at, 'disableOperator', input, proofs[0]))
      expect(attempts).toEqual({ done: 1, proof_invalid: 3 })
    })

    it('take the local ticket once', async () => {
      const { one, two, race } = await start({ local: true })
      const tickets = await Promise.all([one.part.localTicket(), two.part.localTicket()])
      for (const token of tickets)
        expect(await race(4, (at) => person().ask(at, 'openSession', { token: token ?? '' }))).toEqual({
          done: 1,
          unauthenticated: 3,
        })
      expect((await one.store.view().page('operators', { limit: 10 })).rows.length).toBe(1)
    })

    it('check five of 64 guesses', async () => {
      const { one, race } = await start()
      const owner = await claimed(one)
      const { app } = await enrolled(one, owner)
      const guesses = await race(64, (at) => owner.ask(at, 'enrolTotp', { code: wrongCode(app) }))
      expect(guesses).toEqual({ code_invalid: 5, factor_locked: 59 })
    })

    it('leave an owner when two take the role from each other', async () => {
      const { one, two, clock } = await start()
      const owner = await claimed(one)
      const { app } = await enrolled(one, owner)
      const ann = await invited(one, owner, 'ann@example.com', 'owner')
      const anns = await enrolled(one, ann)
      const mine = (await owner.actor(one)).principal
      async function readied(who: Person, id: string, code: string) {
        const input = { id, role: null }
        const { members } = await faultFrom(who.ask(one, 'setRole', input))
        const { proof } = await who.ask(one, 'prove', { challenge: String(members.challenge), code })
        return { actor: await who.actor(one), input, proof, browser: who.browser }
      }
      const first = await readied(owner, ann.id, app())
      const second = await readied(ann, mine, anns.app())
      clock.at += 1_000
      const attempts = await outcomes([
        one.ask('setRole', first.input, first),
        two.ask('setRole', second.input, second),
      ])
      expect(attempts.done).toBe(1)
      const owners = (await one.store.view().page('operators', { limit: 10 })).rows.filter(
        ({ memberships }) => memberships.some(({ role }) => role === 'owner'),
      )
      expect(owners.length).toBe(1)
    })

    it('invite a person once', async () => {
      const { one, race } = await start()
      const owner = await claimed(one)
      const attempts = await race(4, (at) =>
        owner.ask(at, 'inviteOperator', { email: 'ann@example.com', role: 'viewer' }),
      )
      expect(attempts).toEqual({ done: 1, already_operator: 3 })
      expect(await linkInOnce(one, 'ann@example.com')).toBe(true)
    })

    async function linkInOnce(at: Replica, email: string): Promise<boolean> {
      await person().ask(at, 'requestLink', { email })
      return (await linkIn(at, email)).token !== ''
    }
  })
}
