import type { KeyObject } from 'node:crypto'
import type { SigningKeyItem } from '@quarterdeck/sdk/contract/identity-views'

/** A public key as the JWK set has it (RFC 7517). */
export type PublishedKey = Readonly<Record<string, string>>

/** The keys that sign and verify access tokens. */
export interface SigningKeys {
  /** Reads the keys, and makes the first. Throws `KeySetMismatch` when they are sealed under another secret. */
  start(): Promise<void>
  /** The key that signs now. Throws `dependency_unavailable` when this process cannot open it. */
  signer(): Promise<{ readonly kid: string; readonly key: KeyObject }>
  /** The public key of a kid that is published; null for any other. */
  verifier(kid: string): Promise<KeyObject | null>
  /** What the JWK set holds, in the same order in every replica. */
  published(): Promise<readonly PublishedKey[]>
  /** All keys, the newest first. */
  list(): Promise<SigningKeyItem[]>
  /** Publishes the next key, unless one is published already. Throws `invalid` when the keys come from the settings. */
  rotate(): Promise<void>
  /** Takes the steps of a rotation whose time has come. To be called about once a minute. */
  rotateIfDue(): Promise<void>
  /** Says that the stored keys changed. */
  changed(): void
}

/** A public key as it is published. */
export function publishedKey(kid: string, { kty, crv, x }: Readonly<Record<string, string>>): PublishedKey {
  return { kty: kty ?? '', crv: crv ?? '', x: x ?? '', kid, alg: 'EdDSA', use: 'sig' }
}

/** In one order, so that every replica answers the same bytes. */
export function inOrder(keys: readonly PublishedKey[]): PublishedKey[] {
  return [...keys].sort((a, b) => ((a.kid ?? '') < (b.kid ?? '') ? -1 : 1))
}
