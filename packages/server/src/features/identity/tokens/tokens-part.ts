import type { Operation } from '@quarterdeck/sdk/operation'
import type { Issuers } from '../../../ports/issuers.ts'
import type { Keep } from '../../../ports/keep.ts'
import type { Tables } from '../../../ports/tables.ts'
import { evictingStore } from '../evicting-store.ts'
import { type ActorNow, createOperatorActor } from '../operator-actor.ts'
import type { Sessions } from '../people/sessions.ts'
import { developerPermissions, rolePermissions } from '../roles.ts'
import type { Store } from '../store.ts'
import { createAccessTokens } from './access-tokens.ts'
import { createAuthenticator, type TokenAuthenticator } from './authenticate.ts'
import { type BootstrapToken, createBootstrapTokens } from './bootstrap-tokens.ts'
import { createActorOfClaims } from './claim-actors.ts'
import { createCredentials } from './credentials.ts'
import { createExternalUsers, type IssuerRule } from './external-users.ts'
import { createFamilies, type Families } from './families.ts'
import { createReadHolder } from './holders.ts'
import { createKeySeals } from './key-seals.ts'
import { createKidExchange } from './kid-exchange.ts'
import { createMint, type Mint } from './mint.ts'
import { createRefreshTexts } from './refresh-text.ts'
import { createRevocations } from './revocations.ts'
import { createSeedKeys, type SigningSeeds } from './seed-keys.ts'
import type { SigningKeys } from './signing-keys.ts'
import { createStoredKeys } from './stored-keys.ts'
import { createStoredTokens } from './stored-tokens.ts'
import { sweepFamilies } from './sweep-families.ts'
import { createTickets } from './tickets.ts'
import { type TokenHandlers, tokenHandlers, tokenShowing } from './token-handlers.ts'
import { readToken } from './token-text.ts'
import { createVerifiedCache } from './verified-cache.ts'

const beatMs = 5_000

/** What tokens and keys stand on. */
export interface TokensNeeds {
  readonly store: Store
  readonly tables: Tables
  readonly keep: Keep
  readonly issuers: Issuers
  /** How the tokens of those issuers are read. */
  readonly issuerRules: readonly IssuerRule[]
  readonly bootstrapTokens: readonly BootstrapToken[]
  readonly apiKeys: readonly string[]
  /** Null: keys are made and rotated in the database. */
  readonly seeds: SigningSeeds | null
  /** 32 bytes as hex; the one before still opens and verifies. */
  readonly secret: string
  readonly secretPrevious: string | null
  readonly environment: string
  readonly homeTenant: string
  readonly tenantAllowed: (tenant: string) => boolean
  /** Scheme, host and port; asked for when the first token is signed or read. */
  readonly publicOrigin: () => string
  /** Names this run of this process. */
  readonly process: string
  readonly operations: readonly Pick<Operation, 'permission'>[]
  readonly findSession: Sessions['find']
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Tokens, tickets and signing keys put together. */
export interface TokensPart {
  readonly authenticator: TokenAuthenticator
  /** The store given, whose changes are forgotten here at once, before the feed tells of them. */
  readonly store: Store
  readonly families: Families
  readonly mintGate: Mint['mintGate']
  readonly jwks: SigningKeys['published']
  /** The actor of a token of the settings or of the table, by its public id; null when it does not count any more. */
  byCredential(id: string): Promise<ActorNow | null>
  /** The same by the token itself. Throws `credential_expired`, `credential_revoked`. */
  byToken(token: string): Promise<ActorNow | null>
  /** Forgets what was found by these rows `table/id`, before the feed tells of them. */
  evict(rows: readonly string[]): void
  /** Takes the steps of a key rotation whose time has come. To be called about once a minute. */
  rotateIfDue(): Promise<void>
  /** Deletes families that ended a day ago. To be called about once an hour; answers how many. */
  sweep(): Promise<number>
  /** Why this replica may not serve yet; null when nothing of the keys keeps it from that. */
  ready(): 'kid_unpublished' | null
  readonly handlers: TokenHandlers
  readonly showing: ReturnType<typeof tokenShowing>
  /** Reads the keys and begins to follow changes. Throws `KeySetMismatch`. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Puts tokens, tickets and signing keys together. */
export function createTokensPart(given: TokensNeeds): TokensPart {
  const { now, pause, operations } = given
  const cache = createVerifiedCache(given)
  const { evict } = cache
  const store = evictingStore(given.store, evict)
  const operatorActor = createOperatorActor({ store, operations })
  const needs = { ...given, store, operatorActor }
  const revocations = createRevocations({
    ...needs,
    changed(rows) {
      evict(rows)
      if (rows.some((row) => row.startsWith('keys/'))) keys.changed()
    },
    missed() {
      cache.clear()
      keys.changed()
    },
  })
  const { trusted } = revocations
  const seals = createKeySeals({ ...needs, previous: needs.secretPrevious })
  const keys =
    needs.seeds === null
      ? createStoredKeys({ ...needs, seals, trusted })
      : createSeedKeys({ seeds: needs.seeds, startedAt: now() })
  const exchange = createKidExchange({ ...needs, keys })

  const bootstrap = createBootstrapTokens({
    ...needs,
    tokens: needs.bootstrapTokens,
    permissions: developerPermissions(operations),
  })
  const storedTokens = createStoredTokens(needs)
  const accessTokens = createAccessTokens({ ...needs, keys })
  const texts = createRefreshTexts({ ...needs, previous: needs.secretPrevious })
  const families = createFamilies({ ...needs, accessTokens, texts })
  const externalUser = createExternalUsers({
    rules: needs.issuerRules,
    rolePermissions: (role) => rolePermissions(role, operations),
    now,
  })

  async function byCredential(id: string) {
    const own = bootstrap.byCredential(id)
    return own === null ? storedTokens.byId(id) : { ...own, dependsOn: [] }
  }

  async function byToken(token: string) {
    const own = bootstrap.find(token)
    if (own !== null) return { ...own, dependsOn: [] }
    const kind = readToken(token)?.kind
    return kind === 'producer' || kind === 'service' ? storedTokens.find(token) : null
  }

  const readHolder = createReadHolder({
    store,
    byCredential,
    operatorActor,
    actorOfClaims: createActorOfClaims({ store, families, operatorActor, now }),
    externalUser,
    now,
  })
  const tickets = createTickets(needs)
  const authenticator = createAuthenticator({
    ...needs,
    bootstrap,
    storedTokens,
    accessTokens,
    externalUser,
    readHolder,
    tickets,
    cache,
    trusted,
  })
  const mint = createMint({
    ...needs,
    accessTokens,
    families,
    gatePermissions: rolePermissions('viewer', operations),
  })
  const credentials = createCredentials(needs)
  const stopped = new AbortController()

  async function exchangeKids(): Promise<void> {
    while (!stopped.signal.aborted) {
      await pause(beatMs, stopped.signal).catch(() => undefined)
      // Without the store nothing new is known; readiness says that by another check.
      if (!stopped.signal.aborted) await exchange.beat().catch(() => undefined)
    }
  }

  return {
    authenticator,
    store,
    families,
    mintGate: mint.mintGate,
    jwks: keys.published,
    byCredential,
    byToken,
    evict,
    rotateIfDue: keys.rotateIfDue,
    sweep: () => sweepFamilies({ store, now }),
    ready: exchange.ready,
    handlers: tokenHandlers({ families, tickets, credentials, mint, keys, authenticator }),
    showing: tokenShowing({ keys }),
    async start() {
      // First the head and then the keys, so that no change of theirs falls between.
      await revocations.start()
      await keys.start().catch((error: unknown) => {
        revocations.stop()
        throw error
      })
      await exchange.beat().catch(() => undefined)
      void exchangeKids()
    },
    async stop() {
      stopped.abort()
      revocations.stop()
      await exchange.leave().catch(() => undefined)
    },
  }
}
