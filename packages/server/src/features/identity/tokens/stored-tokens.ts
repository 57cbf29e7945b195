import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import { hashOf, sameHash } from '../secret-hash.ts'
import type { Found, Store } from '../store.ts'
import type { Finding } from './finding.ts'
import { readToken } from './token-text.ts'

const usedMs = 60_000
const mostNoted = 10_000

/** The tokens of the table `credentials`, as those who carry them know them. */
export interface StoredTokens {
  /** Throws `unauthenticated`; with the right secret `credential_expired` and `credential_revoked`. */
  find(text: string): Promise<Finding>
  /** The token of a public id; null when there is none that counts. */
  byId(id: string): Promise<Finding | null>
  /** Notes that a token was used, at most once a minute, and holds nobody up. */
  noteUse(id: string): void
}

/** Looks tokens up in identity's store. */
export function createStoredTokens(needs: {
  readonly store: Store
  readonly now: () => number
}): StoredTokens {
  const { store, now } = needs
  const noted = new Map<string, number>()

  function findingOf(token: Found<'credentials'>, secretUntil: number): Finding {
    const actor: Actor = {
      tenant: token.tenant,
      principal: token.id,
      class: token.kind,
      permissions: token.scopes,
      credential: token.id,
      ...(token.producers === undefined ? {} : { producers: token.producers }),
      ...(token.tier === undefined ? {} : { tier: token.tier }),
    }
    const expiresAt = Math.min(token.expiresAt ?? Infinity, secretUntil)
    return {
      actor,
      expiresAt,
      dependsOn: [`credentials/${token.id}`],
      holder: { by: 'credential', id: token.id },
      used: token.id,
    }
  }

  /** Until when a secret counts, Unix ms; null: it is none of this token's. */
  function secretUntil(token: Found<'credentials'>, secret: string): number | null {
    const hash = hashOf(secret)
    if (sameHash(token.hash, hash)) return Infinity
    return token.previousHash !== null && sameHash(token.previousHash, hash)
      ? (token.overlapUntil ?? 0)
      : null
  }

  async function writeUse(id: string, at: number): Promise<void> {
    await store.change(async (view) => {
      const token = await view.get('credentials', id)
      if (token === null || token.revokedAt !== null || at - (token.lastUsedAt ?? 0) < usedMs) return
      view.set('credentials', id, { ...token, lastUsedAt: at })
    })
  }

  return {
    async find(text) {
      const said = readToken(text)
      const token = said === null ? null : await store.view().get('credentials', said.id)
      if (said === null || token === null || token.kind !== said.kind) throw fault('unauthenticated')
      const until = secretUntil(token, said.secret)
      if (until === null) throw fault('unauthenticated')
      if (token.revokedAt !== null) throw fault('credential_revoked')
      const finding = findingOf(token, until)
      if (finding.expiresAt <= now()) throw fault('credential_expired')
      return finding
    },
    async byId(id) {
      const token = await store.view().get('credentials', id)
      if (token === null || token.revokedAt !== null) return null
      const finding = findingOf(token, Infinity)
      return finding.expiresAt <= now() ? null : finding
    },
    noteUse(id) {
      const at = now()
      if (at - (noted.get(id) ?? Number.NEGATIVE_INFINITY) < usedMs) return
      if (noted.size >= mostNoted) noted.clear()
      noted.set(id, at)
      void writeUse(id, at).catch(() => undefined)
    },
  }
}
