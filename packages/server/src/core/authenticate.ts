import type { Actor } from '@quarterdeck/sdk/actor'

/** What a request brought to say who it is. */
export interface Credential {
  /** `bearer` and `key` are headers, `query` and `ticket` parts of the URL, `cookie` the browser's session. */
  readonly kind: 'bearer' | 'key' | 'query' | 'ticket' | 'cookie'
  readonly value: string
  /** The page's origin, where a browser said one; a ticket is bound to it. */
  readonly origin: string | null
  /** Topics of the live feed that are asked for; a ticket is bound to them. */
  readonly topics?: readonly string[]
}

/** A credential that was found good. */
export interface Verified {
  readonly actor: Actor
  /** The actor as of now, for what stays open; throws once the credential has expired, was revoked or lost its rights. */
  again(): Promise<Actor>
}

/** Finds who a credential stands for. */
export interface Authenticator {
  /**
   * Throws `unauthenticated`, `credential_expired`, `credential_revoked`, `tenant_forbidden`, or
   * `dependency_unavailable`. Never tries another credential when one is bad.
   */
  authenticate(credential: Credential): Promise<Verified>
  /** Whether this process has verified it and not refused it since. */
  known(credential: Credential): boolean
}
