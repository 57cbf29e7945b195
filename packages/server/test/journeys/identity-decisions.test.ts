import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { operations } from '@quarterdeck/sdk/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readLine } from '../../src/adapters/jsonl/line.ts'
import { openStage, type Stage } from '../stage.ts'
import { browserAt, type TestBrowser } from './browser-of.ts'
import { type Canary, seenIn, seenInFiles } from './canaries.ts'
import { factorOf, invited, localOwner, mailTo } from './people.ts'

const Decision = z.object({
  id: z.string(),
  operation: z.string(),
  phase: z.string(),
  intentId: z.string().optional(),
  actor: z.object({ kind: z.string(), id: z.string() }),
  payload: z.unknown(),
})
type Decision = z.output<typeof Decision>

// One story: everything that operators can do to identity is done once, by people.
describe('what operators do to identity', () => {
  let stage: Stage
  let ada: TestBrowser
  let bob: TestBrowser
  const secrets: Canary[] = []

  /** Something that nobody may find again. */
  const secret = (name: string, needle: unknown) => {
    expect([name, needle]).toEqual([name, expect.stringMatching(/.{10}/)])
    secrets.push({ name, text: String(needle), needle: String(needle) })
  }
  const cookieOf = (browser: TestBrowser) => /console_session=([^;]+)/.exec(browser.cookies())?.[1]
  async function done(who: TestBrowser, route: string, body?: unknown, headers?: Record<string, string>) {
    const answer = await who.ask(route, body, headers)
    expect([route, answer.status]).toEqual([route, expect.toBeOneOf([200, 204])])
    return answer.body
  }
  async function enrolled(who: TestBrowser) {
    const begun = await done(who, 'POST /identity/totp', {})
    const code = factorOf(String(begun?.secret))
    const { recoveryCodes } = await done(who, 'POST /identity/totp/confirm', { code: code(-1) })
    secret('the secret of a factor', begun?.secret)
    for (const recovery of recoveryCodes as string[]) secret('a recovery code', recovery)
    return code
  }
  async function proved(who: TestBrowser, route: string, body: object, code: string, word?: string) {
    const { challenge, actionHash } = (await who.ask(route, body)).body
    expect(actionHash).toMatch(/^[0-9a-f]{64}$/)
    const { proof } = await done(who, 'POST /identity/proofs', {
      challenge,
      code,
      ...(word === undefined ? {} : { word }),
    })
    secret(`the challenge of ${route}`, challenge)
    secret(`the proof of ${route}`, proof)
    return done(who, route, body, { 'x-console-proof': String(proof) })
  }

  beforeAll(async () => {
    stage = await openStage({ CONSOLE_SIGNING_KEY_B64: undefined })
    ada = await localOwner(stage)
    bob = await invited(stage, ada, 'bob@example.com', 'owner')
    await invited(stage, ada, 'ann@example.com', 'viewer')
    await invited(stage, ada, 'eve@example.com', 'viewer')
    const { items } = (await ada.ask('GET /identity/operators')).body as unknown as {
      items: { id: string; email: string }[]
    }
    const idOf = (email: string) => items.find((one) => one.email === email)?.id ?? ''

    const first = await enrolled(ada)
    const second = await enrolled(bob)
    await proved(
      ada,
      `POST /identity/operators/${idOf('ann@example.com')}/role`,
      { role: 'support' },
      first(),
    )
    await proved(ada, 'POST /identity/keys/rotate', {}, first(1), 'ROTATE')
    const eve = `/identity/operators/${idOf('eve@example.com')}`
    await proved(bob, `POST ${eve}/reset-factor`, { reason: 'lost' }, second())
    await done(bob, `GET ${eve}/sessions`)
    await done(bob, `DELETE ${eve}/sessions`)
    await proved(bob, `POST ${eve}/disable`, { reason: 'left' }, second(1))

    const scopes = ['records:read']
    const made = await done(ada, 'POST /identity/tokens', { kind: 'service', label: 'ci', scopes })
    const anew = await done(ada, `POST /identity/tokens/${made?.id}/rotate`, {})
    await done(ada, `DELETE /identity/tokens/${made?.id}`)
    for (const { token } of [made, anew] as { token: string }[]) secret('a token', token.slice(-43))
    const user = await done(ada, 'POST /identity/mint', { class: 'user', subject: 'u' })
    secret('an access token', user?.accessToken)
    secret('a refresh token', user?.refreshToken)
    const ticket = await done(ada, 'POST /stream/tickets', { topics: ['state'] })
    secret('a ticket', ticket?.ticket)

    // A session more, to end it.
    const elsewhere = browserAt(stage.url)
    const asked = Date.now()
    await elsewhere.ask('POST /auth/link', { email: 'ann@example.com' })
    const link = /sign-in#([\w-]+)/.exec(await mailTo(ada, 'ann@example.com', asked))?.[1]
    await done(elsewhere, 'POST /auth/confirm', { token: link })
    const mine = (await elsewhere.ask('GET /identity/sessions')).body.items as { id: string }[]
    secret('a link', link)
    secret('a cookie', cookieOf(elsewhere))
    await done(elsewhere, 'DELETE /identity/sessions/others')
    await done(elsewhere, `DELETE /identity/sessions/${mine[0]?.id}`)
    for (const one of [ada, bob]) secret('a cookie', cookieOf(one))
    await stage.running.platform()?.journal.flush()
  })
  afterAll(() => stage.stop())

  function decisions(): Decision[] {
    const folder = join(stage.folder, 'data/logs/decisions/default')
    return readdirSync(folder)
      .sort()
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
      .map((line) => Decision.parse(JSON.parse(readLine('default', line)?.payload ?? '{}')))
  }

  it('is decided, each act of theirs: what was asked, by whom, and that it was done', () => {
    const acts = operations().filter(
      ({ name, permission, effect, journaled }) =>
        name.startsWith('identity.') &&
        permission !== 'public' &&
        (effect !== 'read' || journaled === 'all') &&
        journaled !== 'refusals',
    )
    expect(acts.map(({ name }) => name)).toContain('identity.operatorSessions')
    const all = decisions()
    const missing = acts.filter(({ name }) => {
      const asked = all.find(
        ({ operation, phase, actor }) => operation === name && phase === 'asked' && actor.kind === 'operator',
      )
      return !all.some(({ phase, intentId }) => phase === 'done' && intentId === asked?.id)
    })
    expect(missing.map(({ name }) => name)).toEqual([])
    // That somebody may hear of the feed is no decision, nor is what comes before anybody is known.
    expect(all.filter(({ operation }) => /issueTicket|confirmLink|requestLink/.test(operation))).toEqual([])
    expect(all.filter(({ phase }) => phase === 'refused')).toEqual([])
  })

  it('is decided without a secret, and none lies open in the folder', () => {
    const text = JSON.stringify(decisions())
    expect(seenIn(text, secrets)).toEqual([])
    const codes = decisions().flatMap(({ payload }) => {
      const input =
        z.object({ input: z.record(z.string(), z.unknown()) }).safeParse(payload).data?.input ?? {}
      return Object.entries(input).filter(([name]) => ['code', 'challenge', 'totp', 'token'].includes(name))
    })
    expect(codes.length).toBeGreaterThan(5)
    expect(codes.filter(([, value]) => value !== '[redacted]')).toEqual([])
    // What a laptop mails lies in its outbox.
    const leaks = seenInFiles(stage.folder, secrets).filter((where) => !/^a link in .*outbox/.test(where))
    expect(leaks).toEqual([])
  })
})
