import { createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto'
import { canonical } from '@quarterdeck/sdk/digest'
import { z } from 'zod'

/** PKCS #8 of an Ed25519 private key up to its seed (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

const PublicJwk = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() })
export type PublicJwk = z.output<typeof PublicJwk>

/** An Ed25519 key pair; `kid` is the thumbprint of its public key (RFC 7638). */
export interface KeyPair {
  readonly kid: string
  readonly publicJwk: PublicJwk
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** The key pair of a seed of 32 bytes. */
export function keyPairOf(seed: Uint8Array): KeyPair {
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const publicKey = createPublicKey(privateKey)
  const publicJwk = PublicJwk.parse(publicKey.export({ format: 'jwk' }))
  return { kid: kidOf(publicJwk), publicJwk, publicKey, privateKey }
}

/** The public key of a JWK as it is stored. */
export function publicKeyOf(jwk: Readonly<Record<string, string>>): KeyObject {
  return createPublicKey({ key: PublicJwk.parse(jwk), format: 'jwk' })
}

function kidOf({ crv, kty, x }: PublicJwk): string {
  return hash('sha256', canonical({ crv, kty, x }), 'base64url')
}
