import { createHash } from 'node:crypto'
import type { Actor } from '@quarterdeck/sdk/actor'
import { operations } from '@quarterdeck/sdk/contract'
import { identity } from '@quarterdeck/sdk/contract/identity'
import { Fault } from '@quarterdeck/sdk/errors'
import type { InputOf, Operation, OutputOf } from '@quarterdeck/sdk/operation'
import { Secret, TOTP } from 'otpauth'
import { createLimiter } from '../../../core/limits/limiter.ts'
import { noMeter } from '../../../core/meter.ts'
import { type CookieName, createPerform, type Handler, type Shown } from '../../../core/perform.ts'
import { createProofs } from '../../../core/proof.ts'
import { noTracer } from '../../../core/tracer.ts'
import type { Keep } from '../../../ports/keep.ts'
import type { Message } from '../../../ports/mail.ts'
import type { Tables } from '../../../ports/tables.ts'
import { evictingStore } from '../evicting-store.ts'
import { createStore } from '../store.ts'
import { createPeoplePart, type PeopleNeeds, type PeoplePart } from './people-part.ts'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour
export const origin = 'https://console.example.com'

type Verbs = keyof (PeoplePart['signInHandlers'] & PeoplePart['peopleHandlers'])

/** The code of the refusal, or `done`. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: unknown) => {
      if (error instanceof Fault) return error.code
      throw error
    },
  )
}

/** The refusal itself. */
export async function faultFrom(promise: Promise<unknown>): Promise<Fault> {
  return promise.then(
    () => {
      throw new Error('it was not refused')
    },
    (error: unknown) => {
      if (error instanceof Fault) return error
      throw error
    },
  )
}

/** How often each outcome came of attempts that were made at once. */
export async function outcomes(attempts: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counted: Record<string, number> = {}
  for (const code of await Promise.all(attempts.map(codeOf))) counted[code] = (counted[code] ?? 0) + 1
  return counted
}

export interface Clock {
  at: number
}

/** One replica over shared engines: the part, its door, what it mailed. Its randomness is a count under its name. */
export function replica(
  engines: { readonly tables: Tables; readonly keep: Keep; readonly clock: Clock },
  more: Partial<PeopleNeeds> & { readonly name?: string } = {},
) {
  const { tables, keep, clock } = engines
  const { name = 'one', ...rest } = more
  const evicted: string[] = []
  const store = evictingStore(createStore({ tables }), (rows) => void evicted.push(...rows))
  const now = () => clock.at
  let drawn = 0
  const randomBytes = (size: number) => {
    drawn += 1
    return createHash('shake256', { outputLength: size }).update(`${name} ${drawn}`).digest()
  }
  const randomToken = () => Buffer.from(randomBytes(32)).toString('base64url')
  const mails: Message[] = []
  const waiting: (() => void)[] = []
  /** Resolves with the next mail that leaves. */
  const mailed = () => new Promise<void>((resolve) => void waiting.push(resolve))
  const failures: unknown[] = []
  const proofs = createProofs({ keep, now, randomToken, environment: 'test' })
  const part = createPeoplePart({
    store,
    keep,
    mail: {
      async send(message) {
        mails.push(message)
        for (const told of waiting.splice(0)) told()
      },
    },
    outbox: null,
    tracer: noTracer,
    limiter: createLimiter({ keep, now, strategy: 'moving-window', whenLost: 'local', meter: noMeter }),
    proofs,
    issuers: {
      logins: [],
      begin: () => Promise.reject(new Error('no issuer')),
      finish: () => Promise.reject(new Error('no issuer')),
    },
    families: {
      async open({ class: kind, subject, tenant, groups, epoch, ttlSeconds }) {
        const id = randomToken()
        await store.change(async (view) =>
          view.set('families', id, {
            subject: `${kind}:${subject}`,
            tenant,
            class: kind,
            groups: [...groups],
            epoch,
            ttl: ttlSeconds,
            hash: 'hash',
            usedAt: null,
            retiredHash: null,
            retiredAt: null,
            createdAt: now(),
            endsAt: now() + 30 * day,
            idleUntil: now() + 14 * day,
            revokedAt: null,
          }),
        )
        return { accessToken: id, expiresAt: new Date(now() + ttlSeconds * 1_000).toISOString() }
      },
    },
    byCredential: async () => null,
    byToken: async () => null,
    operations: operations(),
    tenants: { home: 'home', allowed: (tenant) => tenant !== 'elsewhere' },
    environment: { name: 'test', kind: 'other' },
    publicOrigin: () => origin,
    appName: 'Quarterdeck',
    secret: '11'.repeat(32),
    secretPrevious: null,
    claimCode: null,
    local: false,
    now,
    randomBytes,
    pause: async () => undefined,
    mailFailed: (error) => void failures.push(error),
    ...rest,
  })
  const handlers = { ...part.signInHandlers, ...part.peopleHandlers }
  const showing: Partial<Record<string, unknown>> = part.showing
  const journaled: { operation: string; phase: string }[] = []
  const perform = createPerform({
    journal: {
      write: async ({ operation, phase }) => String(journaled.push({ operation, phase })),
      refused: () => undefined,
      sweep: async () => undefined,
      flush: async () => undefined,
    },
    switchedOff: () => false,
    homeTenant: 'home',
    proofs,
    repeats: { keep, process: name },
    tracer: noTracer,
  })

  /** Performs an operation as an actor, in a browser, and holds what comes out against the contract. */
  async function ask<Verb extends Verbs>(
    verb: Verb,
    input: InputOf<(typeof identity)[Verb]>,
    at: { actor: Actor; browser: Browser; proof?: string },
  ): Promise<OutputOf<(typeof identity)[Verb]>> {
    const { actor, browser, proof } = at
    const operation: Operation = identity[verb]
    // The table of handlers was checked against the contract where it is made; here it is only looked up.
    const handler = handlers[verb] as Handler<Operation>
    const shown = showing[verb] as Shown<Operation> | undefined
    const output = await perform(
      { operation, handler, ...(shown === undefined ? {} : { shown }) },
      {
        actor,
        input,
        requestId: 'r',
        signal: new AbortController().signal,
        by: 'test',
        from: browser.from,
        reply: browser.reply,
        ...(proof === undefined ? {} : { proof }),
      },
    )
    return operation.output.parse(output) as OutputOf<(typeof identity)[Verb]>
  }

  return { part, store, keep, proofs, mails, mailed, failures, journaled, evicted, randomBytes, ask, clock }
}

export type Replica = ReturnType<typeof replica>

const nobody: Actor = {
  tenant: 'home',
  principal: 'anonymous',
  class: 'anonymous',
  permissions: [],
  credential: '',
}

export interface Browser {
  readonly jar: Map<CookieName, string>
  readonly from: Parameters<Handler<Operation>>[0]['from']
  readonly reply: Parameters<Handler<Operation>>[0]['reply']
  /** Where it was sent last. */
  sentTo: string | null
}

/** A browser: it keeps the cookies it is given. */
export function newBrowser(address = '192.0.2.1'): Browser {
  const jar = new Map<CookieName, string>()
  const browser: Browser = {
    jar,
    sentTo: null,
    from: { address, client: 'Firefox', origin, cookie: (name) => jar.get(name) ?? null },
    reply: {
      setCookie(name, cookie) {
        if (cookie === null) jar.delete(name)
        else jar.set(name, cookie.value)
      },
      redirect(to) {
        browser.sentTo = to
      },
    },
  }
  return browser
}

/** A person at a browser, whose requests go to one replica after another as they say. */
export function person(browser = newBrowser()) {
  /** Who the browser's cookie stands for. */
  async function actor(at: Replica): Promise<Actor> {
    const cookie = browser.jar.get('session')
    const found = cookie === undefined ? null : await at.part.sessions.find(cookie)
    return found?.actor ?? nobody
  }
  return {
    browser,
    actor,
    async ask<Verb extends Verbs>(
      at: Replica,
      verb: Verb,
      input: InputOf<(typeof identity)[Verb]>,
      proof?: string,
    ): Promise<OutputOf<(typeof identity)[Verb]>> {
      return at.ask(verb, input, {
        actor: await actor(at),
        browser,
        ...(proof === undefined ? {} : { proof }),
      })
    },
  }
}

export type Person = ReturnType<typeof person>

/** The newest sign-in mail to an address, once it is there: its token and its code. */
export async function linkIn(at: Replica, email: string): Promise<{ token: string; code: string }> {
  for (;;) {
    const text = at.mails.findLast((mail) => mail.to === email && mail.subject.startsWith('Sign in'))?.text
    if (text !== undefined) {
      const token = /sign-in#([\w-]+)/.exec(text)?.[1] ?? ''
      return { token, code: /^[0-9A-Z]{4}-[0-9A-Z]{4}$/m.exec(text)?.[0] ?? '' }
    }
    await at.mailed()
  }
}

/** Asks for a link and takes it out of the mail. */
export async function asksLink(at: Replica, who: Person, email: string, returnTo?: string) {
  at.mails.length = 0
  await who.ask(at, 'requestLink', { email, ...(returnTo === undefined ? {} : { returnTo }) })
  return linkIn(at, email)
}

/** Claims the server and answers its owner, signed in. */
export async function claimed(at: Replica): Promise<Person> {
  const owner = person()
  const code = (await at.part.claimCode({ anew: true })) ?? ''
  await owner.ask(at, 'claim', { code, email: 'owner@example.com', name: 'Olga' })
  return owner
}

/** Invites somebody who signs in by mail. */
export async function invited(
  at: Replica,
  by: Person,
  email: string,
  role: 'viewer' | 'support' | 'developer' | 'operator' | 'owner',
  tenant?: string,
): Promise<Person & { id: string }> {
  const { id } = await by.ask(at, 'inviteOperator', {
    email,
    role,
    ...(tenant === undefined ? {} : { tenant }),
  })
  const who = person(newBrowser(`192.0.2.${2 + (email.length % 200)}`))
  const { token } = await asksLink(at, who, email)
  await who.ask(at, 'confirmLink', { token })
  return { ...who, id }
}

/** The codes of an authenticator app with this secret. */
export function appWith(secret: string, clock: Clock) {
  const totp = new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 })
  return (steps = 0) => totp.generate({ timestamp: clock.at + steps * 30_000 })
}

/** A code that is none of the three that count now. */
export function wrongCode(app: (steps?: number) => string): string {
  const right = [-1, 0, 1].map((steps) => app(steps))
  return ['000000', '000001', '000002', '000003'].find((code) => !right.includes(code)) ?? ''
}

/** Enrols a second factor and lets its step pass. */
export async function enrolled(at: Replica, who: Person) {
  const { secret } = await who.ask(at, 'enrolTotp', {})
  const app = appWith(secret, at.clock)
  const { recoveryCodes } = await who.ask(at, 'confirmTotp', { code: app() })
  at.clock.at += 30_000
  return { app, recoveryCodes }
}

/** Performs a dangerous act with its proof. Lets the code's step pass afterwards. */
export async function proving<Verb extends 'setRole' | 'disableOperator' | 'resetFactor'>(
  at: Replica,
  who: Person,
  app: (steps?: number) => string,
  verb: Verb,
  input: InputOf<(typeof identity)[Verb]>,
) {
  const { members } = await faultFrom(who.ask(at, verb, input))
  const { proof } = await who.ask(at, 'prove', { challenge: String(members.challenge), code: app() })
  at.clock.at += 30_000
  return who.ask(at, verb, input, proof)
}
