import { hash } from 'node:crypto'
import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import type { Authenticator, Credential, Verified } from '../../../core/authenticate.ts'
import { faultOf } from '../../../core/port-fault.ts'
import type { Issuers } from '../../../ports/issuers.ts'
import type { Sessions } from '../people/sessions.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { BootstrapTokens } from './bootstrap-tokens.ts'
import type { ExternalUser } from './external-users.ts'
import type { Finding, Holder } from './finding.ts'
import type { ReadHolder } from './holders.ts'
import { looksLikeJwt, readJwtShape } from './jwt-shape.ts'
import type { StoredTokens } from './stored-tokens.ts'
import type { Tickets } from './tickets.ts'
import { readToken } from './token-text.ts'
import type { VerifiedCache } from './verified-cache.ts'

const maxLength = 8_192
/** A store that says nothing for so long counts as away. */
const silentMs = 5_000
/** A session's use is noted once a minute, so it is looked up that often. */
const sessionMs = 60_000

/** An authenticator that also knows what stands behind the actors it gave out. */
export interface TokenAuthenticator extends Authenticator {
  /** What stands behind an actor, by the very object; null when it did not come from here. */
  holderOf(actor: Actor): Holder | null
}

/** Finds who comes with a token of the settings, of the table, a JWT of ours or of an issuer, a session or a ticket. */
export function createAuthenticator(needs: {
  readonly bootstrap: BootstrapTokens
  readonly storedTokens: StoredTokens
  readonly accessTokens: Pick<AccessTokens, 'isOurs' | 'verify'>
  readonly issuers: Pick<Issuers, 'verify'>
  readonly externalUser: ExternalUser
  readonly readHolder: ReadHolder
  readonly tickets: Pick<Tickets, 'spend'>
  readonly findSession: Sessions['find']
  readonly cache: VerifiedCache
  /** Whether this process hears of revocations; else nothing that is cached is believed. */
  readonly trusted: () => boolean
  readonly tenantAllowed: (tenant: string) => boolean
  readonly now: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}): TokenAuthenticator {
  const { bootstrap, storedTokens, cache, trusted, now } = needs
  const holders = new WeakMap<Actor, Holder>()

  async function lookUpToken(text: string): Promise<Finding> {
    const own = bootstrap.find(text)
    if (own !== null) {
      const { actor, expiresAt } = own
      return { actor, expiresAt, dependsOn: [], holder: { by: 'credential', id: actor.credential } }
    }
    if (readToken(text) !== null) return storedTokens.find(text)
    const shape = looksLikeJwt(text) ? readJwtShape(text) : null
    if (shape === null) throw fault('unauthenticated')
    if (needs.accessTokens.isOurs(shape))
      return needs.readHolder({ by: 'claims', claims: await needs.accessTokens.verify(text, shape) })
    const issued = await needs.issuers.verify(text)
    if (issued === null) throw fault('unauthenticated')
    return needs.externalUser(issued)
  }

  async function lookUpSession(token: string): Promise<Finding> {
    const found = await needs.findSession(token)
    if (found === null) throw fault('unauthenticated')
    const { actor, endsAt, id, dependsOn } = found
    const expiresAt = Math.min(endsAt, now() + sessionMs)
    return { actor, expiresAt, dependsOn, holder: { by: 'session', id } }
  }

  /** Looks it up, unless it was and nothing has changed since. */
  async function remembered(key: string, lookUp: () => Promise<Finding>): Promise<Finding> {
    const known = trusted() ? cache.get(key) : null
    if (known !== null) return known
    const lookup = cache.begin()
    try {
      const finding = await soon(lookUp)
      if (!needs.tenantAllowed(finding.actor.tenant)) throw fault('tenant_forbidden')
      if (finding.expiresAt > now()) lookup.keep(key, finding)
      holders.set(finding.actor, finding.holder)
      return finding
    } finally {
      lookup.drop()
    }
  }

  async function soon<Result>(run: () => Promise<Result>): Promise<Result> {
    const answered = new AbortController()
    const silence = needs.pause(silentMs, answered.signal).then(() => {
      throw fault('dependency_unavailable')
    })
    try {
      return await Promise.race([run(), silence])
    } finally {
      silence.catch(() => undefined)
      answered.abort()
    }
  }

  const byHolder = (holder: Holder) =>
    remembered(`holder ${hash('sha256', JSON.stringify(holder), 'base64')}`, () => needs.readHolder(holder))

  async function find({ kind, value, origin, topics = [] }: Credential): Promise<Finding> {
    if (value === '' || value.length > maxLength) throw fault('unauthenticated')
    if (kind === 'cookie') return remembered(keyOf(kind, value), () => lookUpSession(value))
    if (kind !== 'ticket') return remembered(keyOf(kind, value), () => lookUpToken(value))
    return byHolder(await soon(() => needs.tickets.spend(value, { origin, topics })))
  }

  return {
    async authenticate(credential) {
      try {
        const finding = await find(credential)
        if (finding.used !== undefined) storedTokens.noteUse(finding.used)
        return verifiedOf(credential, finding)
      } catch (error) {
        throw error instanceof Error && error.name === 'IssuerLost' ? away(error) : faultOf(error)
      }
    },
    known({ kind, value }) {
      if (kind === 'ticket' || value.length > maxLength) return false
      if (trusted() && cache.get(keyOf(kind, value)) !== null) return true
      try {
        return kind !== 'cookie' && bootstrap.find(value) !== null
      } catch {
        return false
      }
    },
    holderOf: (actor) => holders.get(actor) ?? null,
  }

  function verifiedOf(credential: Credential, { actor, holder }: Finding): Verified {
    return {
      actor,
      async again() {
        try {
          // A ticket was spent; what stands behind it is asked for.
          return (await (credential.kind === 'ticket' ? byHolder(holder) : find(credential))).actor
        } catch (error) {
          throw faultOf(error)
        }
      },
    }
  }
}

const away = (cause: Error) => fault('dependency_unavailable', undefined, { cause })

/** Credentials of one text mean the same in whatever header they come; a session's text is no token. */
export function keyOf(kind: Credential['kind'], value: string): string {
  return `${kind === 'cookie' ? 'session' : 'token'} ${hash('sha256', value, 'base64')}`
}
