import { createHash, hash } from 'node:crypto'
import type { Actor } from '@quarterdeck/sdk/actor'
import { operations } from '@quarterdeck/sdk/contract'
import { Fault } from '@quarterdeck/sdk/errors'
import type { Verified } from '../../../core/authenticate.ts'
import { type Call, fromHere } from '../../../core/perform.ts'
import type { Keep } from '../../../ports/keep.ts'
import type { Tables } from '../../../ports/tables.ts'
import { createSessions } from '../people/sessions.ts'
import { createStore, type OperatorDoc } from '../store.ts'
import { type KeyPair, keyPairOf } from './key-pair.ts'
import { createTokensPart, type TokensNeeds } from './tokens-part.ts'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour
export const origin = 'https://console.example.com'

export interface Clock {
  at: number
}

export interface Engines {
  readonly tables: Tables
  readonly keep: Keep
  readonly clock: Clock
}

/** A seed as the settings have it, and its key pair. */
export function seedOf(name: string): { readonly text: string; readonly pair: KeyPair } {
  const seed = hash('sha256', name, 'buffer')
  return { text: seed.toString('base64'), pair: keyPairOf(seed) }
}

/** One replica over shared engines. Its randomness is a count under its name. */
export function replica(
  { tables, keep, clock }: Engines,
  more: Partial<TokensNeeds> & { readonly name?: string } = {},
) {
  const { name = 'one', ...rest } = more
  const store = createStore({ tables })
  const now = () => clock.at
  let drawn = 0
  const randomBytes = (size: number) => {
    drawn += 1
    return createHash('shake256', { outputLength: size }).update(`${name} ${drawn}`).digest()
  }
  const part = createTokensPart({
    store,
    tables,
    keep,
    issuers: {
      logins: [],
      begin: () => Promise.reject(new Error('no issuer')),
      finish: () => Promise.reject(new Error('no issuer')),
      verify: async () => null,
      stale: () => false,
    },
    issuerRules: [],
    bootstrapTokens: [],
    apiKeys: [],
    seeds: null,
    secret: '11'.repeat(32),
    secretPrevious: null,
    environment: 'test',
    homeTenant: 'home',
    tenantAllowed: (tenant) => tenant !== 'elsewhere',
    publicOrigin: () => origin,
    process: name,
    operations: operations(),
    findSession: (token) => sessions.find(token),
    now,
    randomBytes,
    pause,
    ...rest,
  })
  const sessions = createSessions({
    store,
    operatorActor: async () => null,
    byCredential: part.byCredential,
    now,
    randomBytes,
  })
  const by = (value: string, kind: 'bearer' | 'cookie' = 'bearer'): Promise<Verified> =>
    part.authenticator.authenticate({ kind, value, origin: null })
  return { part, store, sessions, clock, by }
}

export type Replica = ReturnType<typeof replica>

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

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

/** An operator's actor as a maker of tokens. */
export const owner: Actor = {
  tenant: 'home',
  principal: 'olga',
  class: 'operator',
  permissions: ['*'],
  credential: 'session',
  roles: ['owner'],
}

/** A call of a handler. */
export function callOf<Input>(actor: Actor, input: Input, origin: string | null = null) {
  const signal = new AbortController().signal
  return { actor, input, requestId: 'r', signal, from: { ...fromHere, origin }, reply: {} } satisfies Omit<
    Call<never>,
    'input'
  > & { input: Input }
}

/** Stores an operator of the home tenant. */
export async function operatorIn(at: Replica, id: string, more: Partial<OperatorDoc> = {}): Promise<void> {
  await at.store.change(async (view) =>
    view.set('operators', id, {
      email: `${id}@example.com`,
      name: id,
      memberships: [{ tenant: 'home', role: 'developer' }],
      subjects: [],
      totp: null,
      totpNext: null,
      lastStep: 0,
      recovery: [],
      epoch: 0,
      invitedUntil: null,
      disabledAt: null,
      createdAt: at.clock.at,
      ...more,
    }),
  )
}

/** Waits until something is so; gives up after two seconds. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  const from = performance.now()
  while (!(await isSo())) {
    if (performance.now() - from > 2_000) throw new Error('it did not become so')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
