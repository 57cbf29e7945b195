import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { IssuerLost } from '../../ports/issuers.ts'
import type { Fetch } from './outbound.ts'

const freshMs = 300_000
const goodMs = 86_400_000
/** How long is waited between two tries, with keys at hand and without. */
const againMs = 30_000
const eagerMs = 5_000

const Discovered = z.object({ issuer: z.string(), jwks_uri: z.string() })
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(1_000) })

/** The keys of one issuer, kept 300 s, and up to a day while it is away. */
export interface IssuerKeys {
  /** For jose. Throws `IssuerLost` when there are no keys that may be used. */
  readonly find: JWTVerifyGetKey
  /** Whether keys older than 300 s are in use because the issuer is away. */
  stale(): boolean
}

/** Makes them. Nothing is fetched before the first token. */
export function createIssuerKeys(needs: {
  readonly issuer: string
  /** Discovered unless said. */
  readonly jwksUri?: string
  readonly fetch: Fetch
  readonly now: () => number
}): IssuerKeys {
  const { issuer, fetch, now } = needs
  let found: { readonly find: JWTVerifyGetKey; readonly at: number } | null = null
  let jwksUri = needs.jwksUri
  let triedAt = Number.NEGATIVE_INFINITY
  let failed = false
  let trying: Promise<void> | null = null

  async function json(url: string): Promise<unknown> {
    const answer = await fetch(url, { headers: { accept: 'application/json' } })
    if (answer.status !== 200) throw new IssuerLost(`an issuer answered ${answer.status}`)
    return answer.json()
  }

  async function load(): Promise<void> {
    try {
      if (jwksUri === undefined) {
        const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
        const said = Discovered.parse(await json(place))
        if (said.issuer !== issuer) throw new IssuerLost('an issuer calls itself something else')
        jwksUri = said.jwks_uri
      }
      // Checked to be a key set; jose looks at each key when it is used.
      const keys = KeySet.parse(await json(jwksUri)) as JSONWebKeySet
      found = { find: createLocalJWKSet(keys), at: now() }
      failed = false
    } catch {
      failed = true
      // It may have moved.
      jwksUri = needs.jwksUri
    }
  }

  /** Tries once at a time, and not again too soon. */
  function tryAgain(): Promise<void> {
    if (trying !== null) return trying
    if (now() - triedAt < (found === null ? eagerMs : againMs)) return Promise.resolve()
    triedAt = now()
    trying = load().finally(() => {
      trying = null
    })
    return trying
  }

  const age = () => (found === null ? Number.POSITIVE_INFINITY : now() - found.at)

  return {
    async find(header, token) {
      if (age() >= freshMs) {
        const tried = tryAgain()
        // While it is known to be away, nobody waits for it who can do without.
        if (!failed || age() >= goodMs) await tried
      }
      if (found === null || age() >= goodMs) throw new IssuerLost('the keys of an issuer cannot be had')
      try {
        return await found.find(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        await tryAgain()
        return found.find(header, token)
      }
    },
    stale: () => failed && found !== null && age() >= freshMs,
  }
}
