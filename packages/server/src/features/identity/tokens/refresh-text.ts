import { timingSafeEqual } from 'node:crypto'
import { createMac } from '../../../core/mac.ts'
import { deriveKey } from '../../../core/seal.ts'
import { readToken, writeToken } from './token-text.ts'

const label = 'quarterdeck/refresh-tokens'

/** Makes refresh tokens, and tells those that we once made from texts that only name a family. */
export interface RefreshTexts {
  make(sid: string): string
  /** The family of a token that was made here; null for any other text. */
  read(text: string): { readonly sid: string } | null
}

/**
 * The secret is 16 random bytes and 16 of their MAC with the family's id. A family is known to many, and whoever
 * replays an old token of it ends it; the MAC keeps those who know the id alone from doing that.
 */
export function createRefreshTexts(needs: {
  readonly secret: string
  readonly previous: string | null
  readonly randomBytes: (size: number) => Uint8Array
}): RefreshTexts {
  const macs = [needs.secret, ...(needs.previous === null ? [] : [needs.previous])].map((secret) =>
    createMac(deriveKey(secret, label)),
  )
  const tagOf = (mac: (text: string) => string, sid: string, random: Buffer) =>
    Buffer.from(mac(`${sid} ${random.toString('hex')}`), 'hex').subarray(0, 16)
  const [sign] = macs
  return {
    make(sid) {
      const random = Buffer.from(needs.randomBytes(16))
      const tag = sign === undefined ? Buffer.alloc(0) : tagOf(sign, sid, random)
      return writeToken('refresh', sid, Buffer.concat([random, tag]).toString('base64url'))
    },
    read(text) {
      const token = readToken(text)
      if (token?.kind !== 'refresh') return null
      const bytes = Buffer.from(token.secret, 'base64url')
      const random = bytes.subarray(0, 16)
      const tag = bytes.subarray(16)
      const made = macs.some((mac) => timingSafeEqual(tagOf(mac, token.id, random), tag))
      return made ? { sid: token.id } : null
    },
  }
}
