import * as client from 'openid-client'
import { z } from 'zod'
import { IssuerLost, LoginFailed, type SignedIn } from '../../ports/issuers.ts'
import { type Fetch, isSafe } from './outbound.ts'

const discoveredMs = 3_600_000
const timeoutSeconds = 5

const Kept = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  redirectUri: z.string(),
})

/** Signing in at one issuer: the authorization code flow with PKCE, state and nonce. */
export interface IssuerLogin {
  begin(redirectUri: string): Promise<{ url: string; state: string; kept: string }>
  finish(callback: URL, kept: string): Promise<SignedIn>
}

/** Makes it. The issuer is discovered at the first sign-in, and again after an hour. */
export function createIssuerLogin(needs: {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret?: string
  readonly fetch: Fetch
  readonly allowInsecure: boolean
  readonly now: () => number
}): IssuerLogin {
  const { issuer, clientId, clientSecret, now } = needs
  let known: { readonly config: client.Configuration; readonly at: number } | null = null

  async function discover(): Promise<client.Configuration> {
    if (known !== null && now() - known.at < discoveredMs) return known.config
    const insecure = new URL(issuer).protocol === 'http:' && isSafe(issuer, needs.allowInsecure)
    const config = await client.discovery(
      new URL(issuer),
      clientId,
      {},
      clientSecret === undefined ? client.None() : secretBy(clientSecret),
      {
        [client.customFetch]: (url, { method, headers, body, signal }) =>
          needs.fetch(url, {
            method,
            headers,
            body: body instanceof URLSearchParams ? body : null,
            ...(signal === undefined ? {} : { signal }),
          }),
        timeout: timeoutSeconds,
        execute: [client.enableNonRepudiationChecks, ...(insecure ? [client.allowInsecureRequests] : [])],
      },
    )
    known = { config, at: now() }
    return config
  }

  async function addressOf(
    config: client.Configuration,
    tokens: client.TokenEndpointResponse,
    claims: client.IDToken,
  ): Promise<Pick<SignedIn, 'email' | 'emailVerified'>> {
    const inToken =
      typeof claims.email === 'string' || config.serverMetadata().userinfo_endpoint === undefined
    // Who is known by subject already needs no address, so an issuer that gives none is no failure.
    const said = inToken
      ? claims
      : await client.fetchUserInfo(config, tokens.access_token, claims.sub).catch(() => claims)
    const email = typeof said.email === 'string' ? said.email : null
    return { email, emailVerified: email !== null && said.email_verified === true }
  }

  return {
    async begin(redirectUri) {
      try {
        const config = await discover()
        const state = client.randomState()
        const nonce = client.randomNonce()
        const verifier = client.randomPKCECodeVerifier()
        const url = client.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope: 'openid email',
          response_type: 'code',
          state,
          nonce,
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        })
        const kept: z.output<typeof Kept> = { state, nonce, verifier, redirectUri }
        return { url: url.href, state, kept: JSON.stringify(kept) }
      } catch (error) {
        throw new IssuerLost('an issuer does not answer as one', { cause: error })
      }
    },
    async finish(callback, text) {
      try {
        const kept = Kept.parse(JSON.parse(text))
        const config = await discover()
        // What the browser was sent to is known; only what came with it is taken from the callback.
        const came = new URL(kept.redirectUri)
        came.search = callback.search
        const tokens = await client.authorizationCodeGrant(config, came, {
          expectedState: kept.state,
          expectedNonce: kept.nonce,
          pkceCodeVerifier: kept.verifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (claims === undefined) throw new LoginFailed('the issuer gave no identity')
        return { sub: claims.sub, ...(await addressOf(config, tokens, claims)) }
      } catch (error) {
        if (wasLost(error)) throw new IssuerLost('an issuer is away', { cause: error })
        throw new LoginFailed('the sign-in at the issuer failed', { cause: error })
      }
    },
  }
}

/** Proves the client in the way that the issuer takes (RFC 6749, section 2.3.1: the header, unless it says otherwise). */
function secretBy(secret: string): client.ClientAuth {
  const basic = client.ClientSecretBasic(secret)
  const post = client.ClientSecretPost(secret)
  return (server, metadata, body, headers) => {
    const ways = server.token_endpoint_auth_methods_supported
    const way = ways === undefined || ways.includes('client_secret_basic') ? basic : post
    way(server, metadata, body, headers)
  }
}

/** Whether an error goes back to an issuer that is away. */
function wasLost(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof IssuerLost) return true
  return false
}
