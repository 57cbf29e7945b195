import { fault } from '@quarterdeck/sdk/errors'
import { Secret, TOTP } from 'otpauth'
import { deriveKey, seal, unseal } from '../../../core/seal.ts'

const label = 'identity/totp'
const period = 30

/** Time-based codes (RFC 6238): SHA-1, 6 digits, 30 seconds. Secrets are handled sealed. */
export interface Totp {
  /** A new secret: sealed, in base32, and as an `otpauth://` URI. */
  make(email: string): { readonly sealed: string; readonly secret: string; readonly uri: string }
  /** The time step whose code this is, the present one or one beside it; null: of none. */
  stepOf(sealed: string, code: string): number | null
  /** The secret sealed under the present key. */
  resealed(sealed: string): string
}

/** Makes the codes; the previous secret (hex, as the present one) opens and never seals. */
export function createTotp(needs: {
  readonly secret: string
  readonly secretPrevious: string | null
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
  /** Names the account's provider in the person's app. */
  readonly issuer: string
}): Totp {
  const { now, randomBytes, issuer } = needs
  const key = deriveKey(needs.secret, label)
  const previous = needs.secretPrevious === null ? null : deriveKey(needs.secretPrevious, label)

  const sealedOf = (bytes: Uint8Array) => seal(key, bytes, randomBytes(24))
  function open(sealed: string): { bytes: Uint8Array; present: boolean } {
    const bytes = unseal(key, sealed)
    if (bytes !== null) return { bytes, present: true }
    const before = previous === null ? null : unseal(previous, sealed)
    if (before === null) throw fault('internal')
    return { bytes: before, present: false }
  }
  const codes = (bytes: Uint8Array, email = '') =>
    new TOTP({
      issuer,
      label: email,
      secret: Secret.fromHex(Buffer.from(bytes).toString('hex')),
      algorithm: 'SHA1',
      digits: 6,
      period,
    })

  return {
    make(email) {
      const bytes = randomBytes(20)
      const made = codes(bytes, email)
      return { sealed: sealedOf(bytes), secret: made.secret.base32, uri: made.toString() }
    },
    stepOf(sealed, code) {
      const timestamp = now()
      const beside = codes(open(sealed).bytes).validate({ token: code, timestamp, window: 1 })
      return beside === null ? null : Math.floor(timestamp / 1_000 / period) + beside
    },
    resealed(sealed) {
      const { bytes, present } = open(sealed)
      return present ? sealed : sealedOf(bytes)
    },
  }
}
