import type { KeyObject } from 'node:crypto'
import { fault } from '@quarterdeck/sdk/errors'
import { KeySetMismatch } from '../../../core/log-key.ts'
import type { Keep } from '../../../ports/keep.ts'
import type { Found, Store, View } from '../store.ts'
import { keyPairOf, publicKeyOf } from './key-pair.ts'
import { type MakeKey, stepKeys } from './key-rotation.ts'
import type { KeySeals } from './key-seals.ts'
import { inOrder, publishedKey, type SigningKeys } from './signing-keys.ts'

const leaseMs = 30_000
/** How old the keys at hand may be while the feed tells of changes, and while it does not. */
const knownMs = 30_000
const unsureMs = 1_000

interface Key {
  readonly doc: Found<'keys'>
  readonly publicKey: KeyObject
  /** Null: it signs no more, or it cannot be opened here. */
  readonly privateKey: KeyObject | null
}

/** Signing keys that are made, sealed and rotated in the database, the same for all replicas. */
export function createStoredKeys(needs: {
  readonly store: Store
  readonly keep: Keep
  readonly seals: KeySeals
  /** Names this run of this process. */
  readonly process: string
  /** Whether changes by other processes are heard of. */
  readonly trusted: () => boolean
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
}): SigningKeys {
  const { store, keep, seals, now } = needs
  let keys: ReadonlyMap<string, Key> = new Map()
  let readAt = Number.NEGATIVE_INFINITY
  let stale = true

  const make: MakeKey = () => {
    const seed = needs.randomBytes(32)
    const { kid, publicJwk } = keyPairOf(seed)
    return { kid, publicJwk, privateKey: seals.seal(seed) }
  }
  const step = (wanted: boolean) => async (view: View) => stepKeys(view, { now, make, wanted })

  function keyOf(doc: Found<'keys'>): Key {
    const known = keys.get(doc.id)
    const signs = doc.state === 'current' || doc.state === 'next'
    const seed = signs && !known?.privateKey ? seals.open(doc.privateKey) : null
    return {
      doc,
      publicKey: known?.publicKey ?? publicKeyOf(doc.publicJwk),
      privateKey: signs ? (known?.privateKey ?? (seed === null ? null : keyPairOf(seed).privateKey)) : null,
    }
  }

  async function read(): Promise<void> {
    // What changes while the keys are read makes them stale anew.
    stale = false
    try {
      const { rows } = await store.view().page('keys', { limit: 1_000 })
      keys = new Map(rows.map((doc) => [doc.id, keyOf(doc)]))
      readAt = now()
    } catch (error) {
      stale = true
      throw error
    }
  }

  /** Reads what may have changed. Without the store, the keys at hand serve on. */
  async function refresh(): Promise<void> {
    if (!stale && now() - readAt < (needs.trusted() ? knownMs : unsureMs)) return
    await read().catch((error: unknown) => {
      if (keys.size === 0) throw error
    })
  }

  async function newest(): Promise<Key[]> {
    await refresh()
    return [...keys.values()].sort((a, b) => b.doc.publishedAt - a.doc.publishedAt)
  }

  return {
    async start() {
      await store.change(step(false))
      await read()
      for (const { doc, privateKey } of keys.values()) {
        if (doc.state !== 'current' && doc.state !== 'next') continue
        if (privateKey === null) throw new KeySetMismatch('the signing keys are sealed under another secret')
        if (seals.renew(doc.privateKey) === null) continue
        await store.change(async (view) => {
          const key = await view.get('keys', doc.id)
          const renewed = key === null ? null : seals.renew(key.privateKey)
          if (key !== null && renewed !== null) view.set('keys', doc.id, { ...key, privateKey: renewed })
        })
      }
    },
    async signer() {
      const signing = (await newest()).find(({ doc }) => doc.state === 'current')
      if (signing === undefined || signing.privateKey === null) throw fault('dependency_unavailable')
      return { kid: signing.doc.id, key: signing.privateKey }
    },
    async verifier(kid) {
      await refresh()
      // Another replica may have published it a moment ago.
      if (!keys.has(kid) && now() - readAt >= unsureMs) await read().catch(() => undefined)
      const found = keys.get(kid)
      return found === undefined || found.doc.state === 'retired' ? null : found.publicKey
    },
    async published() {
      const shown = (await newest()).filter(({ doc }) => doc.state !== 'retired')
      return inOrder(shown.map(({ doc }) => publishedKey(doc.id, doc.publicJwk)))
    },
    async list() {
      const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
      return (await newest()).map(({ doc }) => ({
        kid: doc.id,
        state: doc.state,
        publishedAt: new Date(doc.publishedAt).toISOString(),
        signsFrom: iso(doc.signsFrom),
        verifiesUntil: iso(doc.verifiesUntil),
      }))
    },
    async rotate() {
      await store.change(step(true))
      await read()
    },
    async rotateIfDue() {
      const lease = await keep.lease('identity/keys', needs.process, leaseMs)
      if (lease === null) return
      try {
        await store.change(step(false))
      } finally {
        await lease.release()
      }
      await read()
    },
    changed() {
      stale = true
    },
  }
}
