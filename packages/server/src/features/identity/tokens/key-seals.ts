import { deriveKey, seal, unseal } from '../../../core/seal.ts'

const label = 'quarterdeck/signing-keys'

/** Seals and opens the seeds of signing keys. A text holds one seal, or two while the secret is being changed. */
export interface KeySeals {
  seal(seed: Uint8Array): string
  /** Null: sealed under other secrets than ours. */
  open(text: string): Uint8Array | null
  /** The text with a seal under the secret of now; null when it has one, or cannot be opened. */
  renew(text: string): string | null
}

/** The seals under a deployment's secret; the one before only opens. */
export function createKeySeals(needs: {
  readonly secret: string
  readonly previous: string | null
  readonly randomBytes: (size: number) => Uint8Array
}): KeySeals {
  const now = deriveKey(needs.secret, label)
  const before = needs.previous === null ? null : deriveKey(needs.previous, label)

  const openBy = (key: Uint8Array | null, text: string): Uint8Array | null => {
    if (key === null) return null
    for (const part of text.split('.')) {
      const seed = unseal(key, part)
      if (seed?.length === 32) return seed
    }
    return null
  }
  const sealed = (seed: Uint8Array) => seal(now, seed, needs.randomBytes(24))

  return {
    seal: sealed,
    open: (text) => openBy(now, text) ?? openBy(before, text),
    renew(text) {
      if (openBy(now, text) !== null) return null
      const seed = openBy(before, text)
      // The old seal stays beside the new one: replicas that know only the old secret may still be starting.
      return seed === null ? null : `${text.split('.').at(-1)}.${sealed(seed)}`
    },
  }
}
