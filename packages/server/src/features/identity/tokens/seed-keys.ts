import { type Fault, fault } from '@quarterdeck/sdk/errors'
import { type KeyPair, keyPairOf } from './key-pair.ts'
import { inOrder, publishedKey, type SigningKeys } from './signing-keys.ts'

/** Seeds of 32 bytes as standard base64. */
export interface SigningSeeds {
  readonly current: string
  readonly next: string | null
  readonly previous: string | null
}

/** Signing keys that the settings bring along, for deployments that rotate them by their own means. */
export function createSeedKeys(needs: {
  readonly seeds: SigningSeeds
  /** When this process started, Unix ms: all that it knows of the age of its keys. */
  readonly startedAt: number
}): SigningKeys {
  const { seeds } = needs
  const startedAt = new Date(needs.startedAt).toISOString()
  const pairOf = (seed: string): KeyPair => keyPairOf(Buffer.from(seed, 'base64'))
  const current = pairOf(seeds.current)
  const keys = [
    ...(seeds.next === null ? [] : [{ state: 'next' as const, ...pairOf(seeds.next) }]),
    { state: 'current' as const, ...current },
    ...(seeds.previous === null ? [] : [{ state: 'previous' as const, ...pairOf(seeds.previous) }]),
  ]
  const published = inOrder(keys.map(({ kid, publicJwk }) => publishedKey(kid, publicJwk)))

  return {
    start: async () => undefined,
    signer: async () => ({ kid: current.kid, key: current.privateKey }),
    verifier: async (kid) => keys.find((key) => key.kid === kid)?.publicKey ?? null,
    published: async () => published,
    list: async () =>
      keys.map(({ kid, state }) => ({
        kid,
        state,
        publishedAt: startedAt,
        signsFrom: state === 'next' ? null : startedAt,
        verifiesUntil: null,
      })),
    rotate: async () => {
      throw seedsRule()
    },
    rotateIfDue: async () => undefined,
    changed: () => undefined,
  }
}

const seedsRule = (): Fault =>
  fault('invalid', 'The signing keys come from the settings: set CONSOLE_SIGNING_KEY_NEXT_B64 and restart')
