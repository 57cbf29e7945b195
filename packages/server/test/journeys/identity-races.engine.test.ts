import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../engines/databases.ts'
import { endAll } from '../program.ts'
import type { Answered } from './browser-of.ts'
import {
  asksLink,
  listen,
  openPost,
  openReplica,
  type Person,
  type Post,
  personAt,
  type Replica,
  tally,
} from './identity-replicas.ts'
import { enrol } from './people.ts'

const email = 'ada@example.com'

// One story: who claims the servers goes on as their owner.
describe('two servers on one database', () => {
  let database: FreshDatabase
  let post: Post
  let both: readonly [Replica, Replica]
  let owner: Person
  let code: (step?: number) => string

  beforeAll(async () => {
    database = await freshDatabase()
    post = await openPost()
    const env = { CONSOLE_SMTP_URL: post.url }
    both = await Promise.all([openReplica(database.url, env), openReplica(database.url, env)])
  })
  afterAll(async () => {
    await Promise.all((both ?? []).map((one) => one.stop()))
    await endAll()
    await post?.stop()
    await database?.drop()
  })

  /** Makes attempts in turn at both, all at once. */
  const race = (many: number, attempt: (at: Replica, n: number) => Promise<Answered>) =>
    Promise.all(Array.from({ length: many }, (_, n) => attempt(both[n % 2] as Replica, n)))
  /** Invites somebody, who signs in. */
  async function joined(who: string, role: string) {
    const { status, body } = await owner.ask('POST /identity/operators', { email: who, role })
    expect(status).toBe(200)
    const { person, token } = await asksLink(both[0], post, who)
    expect((await person.ask('POST /auth/confirm', { token })).status).toBe(200)
    return { person, id: body.id as string }
  }

  it('print one claim code between them, and one of many who hold it becomes the owner', async () => {
    const printed = both.flatMap(
      ({ server }) => /with the code ([0-9A-Z-]{23})/.exec(server.said())?.[1] ?? [],
    )
    expect(printed).toHaveLength(1)
    const [claim] = printed
    const people = both.flatMap((at) => Array.from({ length: 6 }, () => personAt(at)))
    const answers = await Promise.all(
      people.map((person) => person.ask('POST /auth/claim', { code: claim, email, name: 'Ada' })),
    )
    expect(tally(answers)).toEqual({ 200: 1, '409 already_claimed': 11 })
    owner = people[answers.findIndex(({ status }) => status === 200)] as Person
    const { body } = await owner.at(both[1]).ask('GET /identity/operators')
    expect(body.items).toMatchObject([{ email, memberships: [{ role: 'owner' }] }])
    code = (await enrol(owner)).code
  })

  it('let a link in once, however often it was looked at before', async () => {
    await owner.ask('POST /identity/operators', { email: 'bob@example.com', role: 'viewer' })
    const { person, token } = await asksLink(both[0], post, 'bob@example.com')
    // What scanners of mail do; what stands behind # they do not even send.
    const looks = await race(100, (at, n) =>
      at.ask(n % 4 < 2 ? 'GET /console/sign-in' : `GET /auth/confirm?token=${token}`),
    )
    expect(looks.filter(({ status }) => status >= 500)).toEqual([])
    const copies = Array.from({ length: 8 }, () => person.copy())
    const answers = await race(8, (at, n) =>
      (copies[n] as Person).at(at).ask('POST /auth/confirm', { token }),
    )
    expect(tally(answers)).toEqual({ 200: 1, '410 link_spent': 7 })
    const sessions = await Promise.all(copies.map((copy) => copy.at(both[1]).ask('GET /session')))
    expect(tally(sessions)).toEqual({ 200: 1, '401 unauthenticated': 7 })
  })

  it('give one proof for a challenge, and let it stand for one act', async () => {
    const { id } = await joined('ann@example.com', 'viewer')
    const route = `POST /identity/operators/${id}/role`
    const asked = await owner.ask(route, { role: 'support' })
    expect([asked.status, asked.body.code]).toEqual([403, 'proof_required'])
    const { challenge } = asked.body
    const once = code()
    const proofs = await race(4, (at) => owner.at(at).ask('POST /identity/proofs', { challenge, code: once }))
    expect(tally(proofs)).toEqual({ 200: 1, '403 proof_invalid': 3 })
    const proof = String(proofs.find(({ status }) => status === 200)?.body.proof)
    const acts = await race(8, (at) =>
      owner.at(at).ask(route, { role: 'support' }, { 'x-console-proof': proof }),
    )
    expect(tally(acts)).toEqual({ 200: 1, '403 proof_invalid': 7 })
  })

  it('leave no two refresh tokens alive of those that refreshes at once gave', async () => {
    await joined('cli@example.com', 'developer')
    const { person, token } = await asksLink(both[1], post, 'cli@example.com')
    const opened = await person.ask('POST /auth/confirm', { token, as: 'token' })
    const refresh = (at: Replica, refreshToken: unknown) =>
      at.ask('POST /auth/refresh', { body: { refreshToken } })
    const answers = await race(8, (at) => refresh(at, opened.body.refreshToken))
    const given = answers.filter(({ status }) => status === 200)
    // Who comes just behind the first is answered as one whose answer got lost, and retires what the first was given.
    expect(given.length).toBeGreaterThan(0)
    for (const { body } of given) await both[0].ask('GET /session', { token: body.accessToken as string })
    let alive = 0
    for (const { body } of given) if ((await refresh(both[1], body.refreshToken)).status === 200) alive += 1
    expect(alive).toBeLessThanOrEqual(1)
    if (given.length === 1) expect(alive).toBe(1)
  })

  it('open one stream by a ticket', async () => {
    const { body } = await owner.ask('POST /stream/tickets', { topics: ['state'] })
    const path = `/stream?topics=state&ticket=${body.ticket}`
    const opened = await Promise.all(
      Array.from({ length: 8 }, (_, n) => listen(both[n % 2] as Replica, path)),
    )
    expect(opened.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)])
    // Who was let in hears of the state.
    await expect.poll(() => opened.find(({ status }) => status === 200)?.said()).toContain('event: snapshot')
    for (const one of opened) one.cut()
  })

  it('check five of 64 guesses of a second factor, by whatever route they come', async () => {
    const { person: eve } = await joined('eve@example.com', 'owner')
    const eves = (await enrol(eve)).code
    const { person, token } = await asksLink(both[1], post, 'eve@example.com')
    const { challenge } = (await eve.ask('POST /identity/keys/rotate', {})).body
    const right = [-1, 0, 1, 2].map((step) => eves(step))
    const wrong = Array.from({ length: 80 }, (_, n) => String(n * 7_919).padStart(6, '0')).filter(
      (guess) => !right.includes(guess),
    )
    const answers = await race(64, (at, n) => {
      const guess = wrong[n]
      if (n % 3 === 0) return person.at(at).ask('POST /auth/confirm', { token, totp: guess })
      if (n % 3 === 1) return eve.at(at).ask('POST /identity/totp', { code: guess })
      return eve.at(at).ask('POST /identity/proofs', { challenge, word: 'ROTATE', code: guess })
    })
    const checked = answers.filter(({ status }) => status === 403)
    expect([checked.length, tally(answers)['429 factor_locked']]).toEqual([5, 59])
    for (const at of both) {
      const rights = [
        await person.at(at).ask('POST /auth/confirm', { token, totp: eves() }),
        await eve.at(at).ask('POST /identity/totp', { code: eves() }),
        await eve.at(at).ask('POST /identity/proofs', { challenge, word: 'ROTATE', code: eves() }),
      ]
      expect(tally(rights)).toEqual({ '429 factor_locked': 3 })
    }
  })
})
