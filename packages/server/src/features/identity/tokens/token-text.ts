/** What a token's text says it is: of a producer, of a service, or a refresh token. */
export type TokenKind = 'producer' | 'service' | 'refresh'

const letters = 'abcdefghijklmnopqrstuvwxyz234567'
const shape = /^qd_(producer|service|refresh)_([a-z2-7]{12})_([A-Za-z0-9_-]{43})$/

/** A public id: 12 characters of base32 (RFC 4648, lower case), 60 bits. */
export function makeTokenId(randomBytes: (size: number) => Uint8Array): string {
  return [...randomBytes(12)].map((byte) => letters[byte % 32]).join('')
}

/** A token as it is given out: `qd_<kind>_<id>_<secret>`. */
export function writeToken(kind: TokenKind, id: string, secret: string): string {
  return `qd_${kind}_${id}_${secret}`
}

/** The parts of a token of ours; null for any other text. */
export function readToken(text: string): { kind: TokenKind; id: string; secret: string } | null {
  const [, kind, id, secret] = shape.exec(text) ?? []
  if (kind === undefined || id === undefined || secret === undefined) return null
  return { kind: kind as TokenKind, id, secret }
}
