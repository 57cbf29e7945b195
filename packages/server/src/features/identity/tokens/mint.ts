import type { Actor } from '@quarterdeck/sdk/actor'
import type { TokenPair } from '@quarterdeck/sdk/contract/identity-views'
import { fault } from '@quarterdeck/sdk/errors'
import type { FamilyDoc, Store } from '../store.ts'
import { type AccessTokens, leewaySeconds } from './access-tokens.ts'
import { checkScopes, producerScopes } from './check-scopes.ts'
import type { Families } from './families.ts'
import { makeTokenId } from './token-text.ts'

const userSeconds = 900
/** A service's token cannot be revoked, so it never lives longer. */
const serviceSeconds = 3_600
const gateSeconds = 900

/** Groups that nobody can be put into: they say how somebody came in. */
const closedGroups = ['anonymous', 'operators']

/** What a service asks for. `ttl` is in seconds. */
export type MintRequest =
  | {
      readonly class: 'user'
      readonly subject: string
      readonly groups?: readonly string[] | undefined
      readonly ttl?: number | undefined
    }
  | {
      readonly class: 'service'
      readonly subject: string
      readonly scopes: readonly string[]
      readonly ttl?: number | undefined
    }

/** A token that may look at one deploy and release. */
export interface GateToken {
  readonly token: string
  /** Unix ms. */
  readonly expiresAt: number
  /** Ends it before its time. */
  revoke(): Promise<void>
}

/** Signs tokens for others. */
export interface Mint {
  /** Throws `scope_exceeded`, `invalid`. */
  mint(actor: Actor, request: MintRequest): Promise<TokenPair>
  /** For one run of a gate: at most 15 minutes, reads alone. */
  mintGate(run: {
    readonly tenant: string
    readonly deploy: string
    readonly release: string
    /** Seconds, at most 900. */
    readonly ttl?: number
  }): Promise<GateToken>
}

/** Makes it. */
export function createMint(needs: {
  readonly store: Store
  readonly accessTokens: Pick<AccessTokens, 'sign'>
  readonly families: Pick<Families, 'open'>
  /** What a gate may read. */
  readonly gatePermissions: readonly string[]
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
}): Mint {
  const { store, accessTokens, now, randomBytes } = needs
  const randomId = () => Buffer.from(randomBytes(16)).toString('base64url')

  async function mintUser({ tenant }: Actor, request: Extract<MintRequest, { class: 'user' }>) {
    const groups = request.groups ?? []
    const closed = groups.findIndex((group) => closedGroups.includes(group))
    if (closed >= 0) throw wrong(['groups', closed], 'cannot be minted')
    const ttlSeconds = request.ttl ?? userSeconds
    return needs.families.open({
      class: 'user',
      subject: request.subject,
      tenant,
      groups,
      epoch: 0,
      ttlSeconds,
    })
  }

  async function mintService(actor: Actor, request: Extract<MintRequest, { class: 'service' }>) {
    checkScopes(actor, request.scopes)
    // A signed token names no producers, so whoever is bound to some cannot pass on the right to write.
    if (actor.producers !== undefined && request.scopes.some((scope) => producerScopes.includes(scope)))
      throw fault('scope_exceeded')
    const ttlSeconds = request.ttl ?? serviceSeconds
    if (ttlSeconds > serviceSeconds) throw wrong(['ttl'], 'is at most 3600 for a service')
    const { token, expiresAt } = await accessTokens.sign({
      class: 'service',
      sub: request.subject,
      tenant: actor.tenant,
      scopes: request.scopes,
      epoch: 0,
      jti: randomId(),
      ttlSeconds,
    })
    return { accessToken: token, expiresAt: new Date(expiresAt).toISOString() }
  }

  return {
    mint: (actor, request) =>
      request.class === 'user' ? mintUser(actor, request) : mintService(actor, request),
    async mintGate({ tenant, deploy, release, ttl = gateSeconds }) {
      const sid = makeTokenId(randomBytes)
      const at = now()
      const ttlSeconds = Math.min(ttl, gateSeconds)
      const endsAt = at + (ttlSeconds + leewaySeconds) * 1_000
      // It is kept as a family without a refresh token, so that its end reaches every replica as that of any other.
      const family: FamilyDoc = {
        subject: `gate:${deploy}`,
        tenant,
        class: 'gate',
        groups: [],
        epoch: 0,
        ttl: ttlSeconds,
        hash: '',
        usedAt: null,
        retiredHash: null,
        retiredAt: null,
        createdAt: at,
        endsAt,
        idleUntil: endsAt,
        revokedAt: null,
      }
      await store.change(async (view) => view.set('families', sid, family))
      const { token, expiresAt } = await accessTokens.sign({
        class: 'gate',
        sub: `gate:${deploy}`,
        tenant,
        epoch: 0,
        sid,
        jti: randomId(),
        scopes: needs.gatePermissions,
        deploy,
        release,
        ttlSeconds,
      })
      return {
        token,
        expiresAt,
        async revoke() {
          await store.change(async (view) => {
            const current = await view.get('families', sid)
            if (current?.revokedAt === null) view.set('families', sid, { ...current, revokedAt: now() })
          })
        },
      }
    },
  }
}

const wrong = (path: (string | number)[], message: string) =>
  fault('invalid', undefined, { issues: [{ path, message }] })
