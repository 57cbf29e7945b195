import { hkdfSync } from 'node:crypto'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'

/** A key of 32 bytes for one purpose, derived from a secret (hex) by HKDF-SHA-256 with the purpose as its label. */
export function deriveKey(secret: string, label: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', Buffer.from(secret, 'hex'), new Uint8Array(), label, 32))
}

/** Seals bytes with XChaCha20-Poly1305: base64url of the 24-byte nonce and the box. */
export function seal(key: Uint8Array, plain: Uint8Array, nonce: Uint8Array): string {
  return Buffer.concat([nonce, xchacha20poly1305(key, nonce).encrypt(plain)]).toString('base64url')
}

/** Opens what `seal` made; null when the key is another one or a bit was changed. */
export function unseal(key: Uint8Array, sealed: string): Uint8Array | null {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < 40) return null
  try {
    return xchacha20poly1305(key, bytes.subarray(0, 24)).decrypt(bytes.subarray(24))
  } catch {
    return null
  }
}
