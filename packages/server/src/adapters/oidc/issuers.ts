import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { type IssuedToken, IssuerLost, type Issuers, LoginFailed } from '../../ports/issuers.ts'
import { createIssuerKeys } from './issuer-keys.ts'
import { createIssuerLogin } from './issuer-login.ts'
import { createOutbound, type Fetch } from './outbound.ts'

const leewaySeconds = 30
const types = /^(application\/)?(at\+)?jwt$/i
/** Asymmetric algorithms alone (RFC 8725, section 3.1): a public key is never taken for a shared secret. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/** An issuer as the settings name it. */
export interface IssuerSettings {
  readonly issuer: string
  /** What its access tokens must name as their audience. */
  readonly audience: string
  /** Discovered unless said. */
  readonly jwksUri?: string
  /** With it, people can sign in there. */
  readonly clientId?: string
  readonly clientSecret?: string
}

/** External issuers over OpenID Connect. */
export function oidcIssuers(needs: {
  readonly issuers: readonly IssuerSettings[]
  readonly fetch: Fetch
  readonly now: () => number
  /** Local mode: an issuer on this machine may be spoken to without TLS. */
  readonly allowInsecure: boolean
}): Issuers {
  const { now, allowInsecure } = needs
  const fetch = createOutbound(needs)
  const known = new Map(
    needs.issuers.map((one) => [
      one.issuer,
      { audience: one.audience, keys: createIssuerKeys({ ...one, fetch, now }) },
    ]),
  )
  const logins = new Map(
    needs.issuers.flatMap(({ clientId, ...one }) =>
      clientId === undefined
        ? []
        : [[one.issuer, createIssuerLogin({ ...one, clientId, fetch, allowInsecure, now })] as const],
    ),
  )
  const loginAt = (issuer: string) => {
    const login = logins.get(issuer)
    if (login === undefined) throw new LoginFailed('nobody signs in with this issuer')
    return login
  }

  async function verifyAt(issuer: string, token: string): Promise<IssuedToken | null> {
    const { typ } = decodeProtectedHeader(token)
    const one = known.get(issuer)
    if (one === undefined || typ === undefined || !types.test(typ)) return null
    const payload = await jwtVerify(token, one.keys.find, {
      algorithms,
      issuer,
      audience: one.audience,
      clockTolerance: leewaySeconds,
      currentDate: new Date(now()),
      requiredClaims: ['exp', 'sub'],
    }).then(
      (verified) => verified.payload,
      (error: unknown) => {
        // It ended, and nothing else is wrong: jose looks at the end last.
        if (error instanceof errors.JWTExpired) return error.payload
        throw error
      },
    )
    const { sub, exp } = payload
    if (typeof sub !== 'string' || sub === '' || !Number.isFinite(exp)) return null
    return { issuer, sub, claims: payload, expiresAt: Number(exp) * 1_000 }
  }

  return {
    logins: [...logins.keys()],
    begin: async (issuer, redirectUri) => loginAt(issuer).begin(redirectUri),
    finish: async (issuer, callback, kept) => loginAt(issuer).finish(callback, kept),
    async verify(token) {
      try {
        const { iss } = decodeJwt(token)
        return typeof iss === 'string' && known.has(iss) ? await verifyAt(iss, token) : null
      } catch (error) {
        if (error instanceof IssuerLost) throw error
        return null
      }
    },
    stale: () => [...known.values()].some(({ keys }) => keys.stale()),
  }
}
