import { fault } from '@quarterdeck/sdk/errors'
import { errors, jwtVerify, SignJWT } from 'jose'
import { AccessClaims, type AccessDraft } from './access-claims.ts'
import type { JwtShape } from './jwt-shape.ts'
import type { SigningKeys } from './signing-keys.ts'

/** Seconds that the clocks of two machines may differ. */
export const leewaySeconds = 30
const type = 'at+jwt'
const algorithm = 'EdDSA'

/** The access tokens of this server: JWTs by Ed25519 (RFC 8037, RFC 9068). */
export interface AccessTokens {
  sign(draft: AccessDraft): Promise<{ token: string; expiresAt: number }>
  /** Whether a token names this server as its issuer; nothing of it is verified yet. */
  isOurs(shape: JwtShape): boolean
  /** What a token of ours says. Throws `unauthenticated`, or `credential_expired` when nothing else is wrong. */
  verify(token: string, shape: JwtShape): Promise<AccessClaims>
}

/** Makes them for one origin and environment. */
export function createAccessTokens(needs: {
  readonly keys: Pick<SigningKeys, 'signer' | 'verifier'>
  /** Scheme, host and port: issuer and audience. */
  readonly publicOrigin: () => string
  readonly environment: string
  readonly now: () => number
}): AccessTokens {
  const { keys, publicOrigin, environment, now } = needs
  return {
    async sign({ ttlSeconds, ...draft }) {
      const { kid, key } = await keys.signer()
      const iat = Math.floor(now() / 1_000)
      const exp = iat + ttlSeconds
      const origin = publicOrigin()
      const { scopes, ...said } = 'scopes' in draft ? draft : { ...draft, scopes: undefined }
      const claims = {
        ...said,
        ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
        env: environment,
        iss: origin,
        aud: origin,
        iat,
        nbf: iat,
        exp,
      }
      const token = await new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: type, kid }).sign(key)
      return { token, expiresAt: exp * 1_000 }
    },
    isOurs: ({ payload }) => payload.iss === publicOrigin(),
    async verify(token, { header }) {
      const { alg, typ, kid, ...more } = header
      if (alg !== algorithm || typ !== type || typeof kid !== 'string' || Object.keys(more).length > 0)
        throw fault('unauthenticated')
      const key = await keys.verifier(kid)
      if (key === null) throw fault('unauthenticated')
      const origin = publicOrigin()
      let expired = false
      const payload = await jwtVerify(token, key, {
        algorithms: [algorithm],
        typ: type,
        issuer: origin,
        audience: origin,
        clockTolerance: leewaySeconds,
        currentDate: new Date(now()),
        requiredClaims: ['exp', 'nbf', 'iat'],
      }).then(
        (verified) => verified.payload,
        (error: unknown) => {
          // jose looks at the end last, after signature and all other claims.
          if (!(error instanceof errors.JWTExpired)) throw fault('unauthenticated')
          expired = true
          return error.payload
        },
      )
      const claims = AccessClaims.safeParse(payload)
      if (!claims.success || claims.data.env !== environment) throw fault('unauthenticated')
      if (claims.data.iat > now() / 1_000 + leewaySeconds) throw fault('unauthenticated')
      if (expired) throw fault('credential_expired')
      return claims.data
    },
  }
}
