import { operations } from '@quarterdeck/sdk/contract'
import type { identity } from '@quarterdeck/sdk/contract/identity'
import type { Authenticator } from '../../core/authenticate.ts'
import type { Limiter } from '../../core/limits/limiter.ts'
import type { Meter } from '../../core/meter.ts'
import type { Handlers, Showing } from '../../core/perform.ts'
import type { Proofs } from '../../core/proof.ts'
import type { Tracer } from '../../core/tracer.ts'
import type { Issuers } from '../../ports/issuers.ts'
import type { Keep } from '../../ports/keep.ts'
import type { Mail } from '../../ports/mail.ts'
import type { Tables } from '../../ports/tables.ts'
import { createPeoplePart, type PeopleNeeds } from './people/people-part.ts'
import { createStore, prepare } from './store.ts'
import { lastingAuthenticator } from './tokens/lasting-authenticator.ts'
import { createTokensPart, type TokensNeeds } from './tokens/tokens-part.ts'

/** What the settings say of identity. */
export interface IdentitySettings {
  readonly appName: string
  /** Local mode: it claims itself, and hands out tickets. */
  readonly local: boolean
  readonly claimCode: string | null
  readonly tokens: TokensNeeds['bootstrapTokens']
  readonly apiKeys: readonly string[]
  readonly signingKeys: TokensNeeds['seeds']
  readonly issuerRules: TokensNeeds['issuerRules']
  /** Tenants that are served; empty: all. */
  readonly tenantAllowlist: readonly string[]
  readonly mail: Pick<Mail, 'send'>
  readonly outbox: PeopleNeeds['outbox']
  readonly mailFailed: (error: unknown) => void
}

/** The area of identity, put together: who may come in, and how they prove it. */
export interface IdentityArea {
  readonly handlers: Handlers<typeof identity>
  readonly showing: Showing<typeof identity>
  readonly authenticator: Authenticator
  /** The code that makes the first owner; null: there is one, or it was printed by another replica. */
  claimCode(options?: { readonly anew?: boolean }): Promise<string | null>
  /** Whether somebody owns the home tenant. */
  claimed(): Promise<boolean>
  /** A ticket that signs the owner of a local server in, once; null where there is none. */
  localTicket(): Promise<string | null>
  /** Why the keys of this replica keep it from serving; null when they do not. */
  keysCode(): string | null
  readonly jobs: readonly {
    readonly name: string
    readonly everyMs: number
    readonly atOnce?: true
    run(): Promise<unknown>
  }[]
  stop(): Promise<void>
}

/** Puts people and tokens together. Rejects with `KeySetMismatch` when keys were sealed under another secret. */
export async function identityArea(needs: {
  readonly settings: IdentitySettings
  readonly tables: Tables
  readonly keep: Keep
  readonly limiter: Limiter
  readonly proofs: Proofs
  readonly issuers: Issuers
  readonly environment: { readonly name: string; readonly kind: 'production' | 'staging' | 'other' }
  readonly homeTenant: string
  readonly publicOrigin: () => string
  readonly process: string
  readonly secret: string
  readonly secretPrevious: string | null
  readonly meter: Meter
  readonly tracer: Tracer
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}): Promise<IdentityArea> {
  const { settings, homeTenant } = needs
  await prepare(needs.tables)
  const store = createStore(needs)
  const allowed = (tenant: string) =>
    settings.tenantAllowlist.length === 0 || settings.tenantAllowlist.includes(tenant)
  const all = operations()

  // Each part asks the other who somebody is; neither does before both stand.
  const tokens = createTokensPart({
    ...needs,
    store,
    issuerRules: settings.issuerRules,
    bootstrapTokens: settings.tokens,
    apiKeys: settings.apiKeys,
    seeds: settings.signingKeys,
    environment: needs.environment.name,
    tenantAllowed: allowed,
    operations: all,
    findSession: (token) => people.sessions.find(token),
  })
  const people = createPeoplePart({
    ...needs,
    ...settings,
    store: tokens.store,
    families: tokens.families,
    byCredential: tokens.byCredential,
    byToken: tokens.byToken,
    operations: all,
    tenants: { home: homeTenant, allowed },
  })
  await tokens.start()

  return {
    handlers: { ...people.signInHandlers, ...people.peopleHandlers, ...tokens.handlers },
    showing: { ...people.showing, ...tokens.showing },
    authenticator: lastingAuthenticator(tokens.authenticator),
    claimCode: people.claimCode,
    claimed: people.claimed,
    localTicket: people.localTicket,
    keysCode: tokens.ready,
    jobs: [
      { name: 'signing keys', everyMs: 60_000, atOnce: true, run: tokens.rotateIfDue },
      { name: 'sealed factors', everyMs: 86_400_000, atOnce: true, run: people.reseal },
      { name: 'ended sessions', everyMs: 3_600_000, run: people.sweep },
      { name: 'ended families', everyMs: 3_600_000, run: tokens.sweep },
    ],
    async stop() {
      await people.stop()
      await tokens.stop()
    },
  }
}
