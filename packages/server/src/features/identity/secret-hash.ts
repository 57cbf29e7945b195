import { hash, timingSafeEqual } from 'node:crypto'

/** SHA-256 in hex: how a secret that is only compared is stored. */
export const hashOf = (secret: string): string => hash('sha256', secret, 'hex')

/** Whether two hashes are the same, in a time that does not tell where they differ. */
export function sameHash(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}

/** 43 characters of base64url from 32 random bytes. */
export const makeToken = (randomBytes: (size: number) => Uint8Array): string =>
  Buffer.from(randomBytes(32)).toString('base64url')
