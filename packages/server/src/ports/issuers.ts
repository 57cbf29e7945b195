/** Who a verified access token of an external issuer stands for. */
export interface IssuedToken {
  readonly issuer: string
  readonly sub: string
  readonly claims: Readonly<Record<string, unknown>>
  /** Unix ms; it may lie in the past, for a token that was good until then. */
  readonly expiresAt: number
}

/** What an issuer says of a person who signed in there. */
export interface SignedIn {
  readonly sub: string
  readonly email: string | null
  /** Whether the issuer says that it checked the address. */
  readonly emailVerified: boolean
}

/** External issuers (OpenID Connect): people sign in there, and their access tokens are taken here. */
export interface Issuers {
  /** Issuers that a browser can sign in with. */
  readonly logins: readonly string[]
  /**
   * Where to send the browser, and what must come back. `kept` is opaque text to store for ten minutes. Throws
   * `LoginFailed` for an issuer that is none of `logins`, `IssuerLost` when it is away.
   */
  begin(issuer: string, redirectUri: string): Promise<{ url: string; state: string; kept: string }>
  /**
   * Checks state, iss, nonce, PKCE and the signature of what the browser came back with. Throws `LoginFailed` when one
   * is wrong or the person declined, `IssuerLost` when the issuer is away.
   */
  finish(issuer: string, callback: URL, kept: string): Promise<SignedIn>
  /**
   * Verifies an access token: signature by an asymmetric algorithm, issuer, audience, type, not before. Null when it is
   * none of ours or anything of it is wrong. One that only expired is answered, with its end. Throws `IssuerLost` when
   * the issuer's keys cannot be had.
   */
  verify(token: string): Promise<IssuedToken | null>
  /** Whether keys older than 300 s are in use because an issuer is away. */
  stale(): boolean
}

/** The issuer cannot be reached, or does not answer as an issuer does. */
export class IssuerLost extends Error {
  override readonly name = 'IssuerLost'
}

/** The sign-in did not come to a good end. */
export class LoginFailed extends Error {
  override readonly name = 'LoginFailed'
}
