import type { Actor } from '@quarterdeck/sdk/actor'
import type { CredentialItem } from '@quarterdeck/sdk/contract/identity-views'
import { type Fault, fault } from '@quarterdeck/sdk/errors'
import { hashOf, makeToken } from '../secret-hash.ts'
import type { CredentialDoc, Found, Store, View } from '../store.ts'
import { checkScopes, producerScopes } from './check-scopes.ts'
import { makeTokenId, writeToken } from './token-text.ts'

const day = 86_400_000
const lifeMs = 90 * day
const overlapMs = day

/** A token as it is made. */
export interface NewToken {
  readonly kind: 'producer' | 'service'
  readonly label: string
  readonly scopes: readonly string[]
  readonly producers?: readonly { readonly id: string; readonly product: string }[] | undefined
  readonly tier?: string | undefined
  /** An instant, or `never`; 90 days unless said. */
  readonly expiresAt?: string | undefined
}

/** The tokens of the table `credentials`, as those who make them know them. All are of the actor's tenant. */
export interface Credentials {
  /** Throws `invalid`, `scope_exceeded`, `producer_not_allowed`. */
  create(actor: Actor, said: NewToken): Promise<{ id: string; token: string }>
  /** The secret before works on for the overlap (a day unless said). Throws `not_found`, `scope_exceeded`. */
  rotate(actor: Actor, id: string, overlapSeconds?: number): Promise<{ id: string; token: string }>
  /** Throws `not_found`. */
  revoke(actor: Actor, id: string): Promise<void>
  list(
    actor: Actor,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{ items: CredentialItem[]; nextCursor?: string }>
}

/** Makes them over identity's store. */
export function createCredentials(needs: {
  readonly store: Store
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
}): Credentials {
  const { store, now, randomBytes } = needs

  async function own(view: View, actor: Actor, id: string): Promise<Found<'credentials'>> {
    const found = await view.get('credentials', id)
    if (found === null || found.tenant !== actor.tenant) throw fault('not_found')
    return found
  }

  return {
    async create(actor, said) {
      const scopes = scopesOf(said)
      checkScopes(actor, scopes)
      checkProducers(actor, said)
      const secret = makeToken(randomBytes)
      const doc: CredentialDoc = {
        tenant: actor.tenant,
        kind: said.kind,
        label: said.label,
        hash: hashOf(secret),
        scopes: [...scopes],
        ...(said.producers === undefined ? {} : { producers: said.producers.map((one) => ({ ...one })) }),
        ...(said.tier === undefined ? {} : { tier: said.tier }),
        createdBy: actor.principal,
        createdAt: now(),
        expiresAt: endOf(said.expiresAt, now()),
        previousHash: null,
        overlapUntil: null,
        revokedAt: null,
        lastUsedAt: null,
      }
      const id = await store.change(async (view) => {
        let free = makeTokenId(randomBytes)
        while ((await view.get('credentials', free)) !== null) free = makeTokenId(randomBytes)
        view.set('credentials', free, doc)
        return free
      })
      return { id, token: writeToken(said.kind, id, secret) }
    },

    async rotate(actor, id, overlapSeconds) {
      const secret = makeToken(randomBytes)
      const kind = await store.change(async (view) => {
        const at = now()
        const found = await own(view, actor, id)
        if (found.revokedAt !== null || (found.expiresAt ?? Infinity) <= at)
          throw fault('not_found', 'The token has ended; make a new one')
        // Whoever gets the new secret can do what the token can.
        checkScopes(actor, found.scopes)
        checkProducers(actor, found)
        const overlap = overlapSeconds === undefined ? overlapMs : overlapSeconds * 1_000
        view.set('credentials', id, {
          ...found,
          hash: hashOf(secret),
          previousHash: overlap === 0 ? null : found.hash,
          overlapUntil: overlap === 0 ? null : at + overlap,
        })
        return found.kind
      })
      return { id, token: writeToken(kind, id, secret) }
    },

    async revoke(actor, id) {
      await store.change(async (view) => {
        const found = await own(view, actor, id)
        if (found.revokedAt === null) view.set('credentials', id, { ...found, revokedAt: now() })
      })
    },

    async list(actor, { limit, cursor }) {
      const page = await store
        .view()
        .page('credentials', { field: 'tenant', value: actor.tenant, limit, cursor })
        .catch((error: unknown) => {
          throw error instanceof Error && error.name === 'CursorInvalid'
            ? wrong('cursor', 'is not of ours')
            : error
        })
      const items = page.rows.map(itemOf)
      return page.cursor === undefined ? { items } : { items, nextCursor: page.cursor }
    },
  }
}

/** A producer's token holds what producers need, and nothing else. */
function scopesOf({ kind, scopes, producers }: NewToken): readonly string[] {
  if (kind === 'service') return scopes
  if (producers === undefined) throw wrong('producers', 'is needed for a producer')
  if (scopes.some((scope) => !producerScopes.includes(scope))) throw fault('scope_exceeded')
  return producerScopes
}

/** Who may speak for some producers alone gives out no more than these. */
function checkProducers(actor: Actor, { producers }: Pick<NewToken, 'producers'>): void {
  const may = actor.producers
  if (may === undefined) return
  const known = (one: { id: string; product: string }) =>
    may.some(({ id, product }) => id === one.id && product === one.product)
  if (producers === undefined || !producers.every(known)) throw fault('producer_not_allowed')
}

function endOf(expiresAt: string | undefined, now: number): number | null {
  if (expiresAt === undefined) return now + lifeMs
  if (expiresAt === 'never') return null
  const end = Date.parse(expiresAt)
  if (!(end > now)) throw wrong('expiresAt', 'lies in the past')
  return end
}

function itemOf(doc: Found<'credentials'>): CredentialItem {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const { id, kind, label, scopes, producers, tier, createdBy } = doc
  return {
    id,
    kind,
    label,
    scopes,
    ...(producers === undefined ? {} : { producers }),
    ...(tier === undefined ? {} : { tier }),
    createdBy,
    createdAt: new Date(doc.createdAt).toISOString(),
    expiresAt: iso(doc.expiresAt),
    overlapUntil: iso(doc.overlapUntil),
    revokedAt: iso(doc.revokedAt),
    lastUsedAt: iso(doc.lastUsedAt),
  }
}

const wrong = (field: string, message: string): Fault =>
  fault('invalid', undefined, { issues: [{ path: [field], message }] })
