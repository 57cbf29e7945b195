import type { TokenPair } from '@quarterdeck/sdk/contract/identity-views'
import { Fault, fault } from '@quarterdeck/sdk/errors'
import type { OperatorActor } from '../operator-actor.ts'
import { hashOf, sameHash } from '../secret-hash.ts'
import type { FamilyDoc, Found, Store, View } from '../store.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { RefreshTexts } from './refresh-text.ts'
import { makeTokenId } from './token-text.ts'

const day = 86_400_000
const absoluteMs = 30 * day
const idleMs = 14 * day
const graceMs = 30_000

/** Whom a family of tokens is opened for. */
export interface FamilyOwner {
  readonly class: 'operator' | 'user'
  /** An operator's id, or a function user as the minting service names it. */
  readonly subject: string
  readonly tenant: string
  readonly groups: readonly string[]
  /** The operator's epoch; 0 for users. */
  readonly epoch: number
  /** Seconds that each access token lives. */
  readonly ttlSeconds: number
}

/** Chains of refresh tokens: 30 days at most, 14 without use. */
export interface Families {
  open(who: FamilyOwner): Promise<TokenPair>
  /**
   * Retires the token and answers a new pair; the last retired one is taken once more within 30 s while its successor
   * is unused. Any other token that was used before ends the family. Throws `refresh_invalid`, `tenant_forbidden`.
   */
  refresh(refreshToken: string): Promise<TokenPair>
  /** Notes that the newest access token of a family arrived with its holder. */
  noteUse(family: Found<'families'>, jti: string): Promise<void>
}

/** Whether what a family gave out still counts. */
export function isLive(family: FamilyDoc, now: number): boolean {
  return family.revokedAt === null && family.endsAt > now && family.idleUntil > now
}

/** How a family's subject is stored. */
export function subjectOf({
  class: kind,
  subject,
  tenant,
}: Pick<FamilyOwner, 'class' | 'subject' | 'tenant'>): string {
  return kind === 'operator' ? `operator:${subject}` : `user:${tenant}:${subject}`
}

/** Access tokens are bound to the refresh token that they came with. */
const jtiOf = (hash: string) => hash.slice(0, 32)

/** Makes the families over identity's store. */
export function createFamilies(needs: {
  readonly store: Store
  readonly accessTokens: Pick<AccessTokens, 'sign'>
  readonly texts: RefreshTexts
  readonly operatorActor: OperatorActor
  readonly tenantAllowed: (tenant: string) => boolean
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
}): Families {
  const { store, texts, now } = needs

  async function pairOf(sid: string, family: FamilyDoc, refreshToken: string): Promise<TokenPair> {
    const { tenant, groups, epoch } = family
    const sub = family.subject.slice((family.class === 'operator' ? 'operator:' : `user:${tenant}:`).length)
    const left = Math.max(1, Math.floor((family.endsAt - now()) / 1_000))
    const common = {
      sub,
      tenant,
      epoch,
      sid,
      jti: jtiOf(family.hash),
      ttlSeconds: Math.min(family.ttl, left),
    }
    const signed = await needs.accessTokens.sign(
      family.class === 'operator' ? { ...common, class: 'operator' } : { ...common, class: 'user', groups },
    )
    return {
      accessToken: signed.token,
      expiresAt: new Date(signed.expiresAt).toISOString(),
      refreshToken,
      refreshExpiresAt: new Date(Math.min(family.endsAt, family.idleUntil)).toISOString(),
    }
  }

  /** Whether the operator of a family may still be in. */
  async function stands(family: Found<'families'>): Promise<boolean> {
    if (family.class !== 'operator') return true
    const id = family.subject.slice('operator:'.length)
    const found = await needs.operatorActor(id, family.tenant, family.id)
    return found !== null && found.epoch <= family.epoch
  }

  /** What is left of the family after this token came: its next state, or null when there is nothing to be had. */
  function advance(family: FamilyDoc, hash: string, nextHash: string): FamilyDoc | 'replayed' | null {
    const at = now()
    if (!isLive(family, at)) return null
    const next = { ...family, hash: nextHash, retiredAt: at, usedAt: null, idleUntil: at + idleMs }
    if (sameHash(family.hash, hash)) return { ...next, retiredHash: hash }
    const last = family.retiredHash !== null && sameHash(family.retiredHash, hash)
    const lost = last && family.usedAt === null && at - (family.retiredAt ?? 0) <= graceMs
    return lost ? { ...next, retiredHash: family.hash } : 'replayed'
  }

  return {
    async open(who) {
      const at = now()
      const opened = await store.change(async (view) => {
        const sid = await freeId(view, needs.randomBytes)
        const refreshToken = texts.make(sid)
        const family: FamilyDoc = {
          subject: subjectOf(who),
          tenant: who.tenant,
          class: who.class,
          groups: [...who.groups],
          epoch: who.epoch,
          ttl: who.ttlSeconds,
          hash: hashOf(refreshToken),
          usedAt: null,
          retiredHash: null,
          retiredAt: null,
          createdAt: at,
          endsAt: at + absoluteMs,
          idleUntil: at + idleMs,
          revokedAt: null,
        }
        view.set('families', sid, family)
        return { sid, family, refreshToken }
      })
      return pairOf(opened.sid, opened.family, opened.refreshToken)
    },

    async refresh(refreshToken) {
      const sid = texts.read(refreshToken)?.sid
      const known = sid === undefined ? null : await store.view().get('families', sid)
      if (sid === undefined || known === null || !(await stands(known))) throw fault('refresh_invalid')
      if (!needs.tenantAllowed(known.tenant)) throw fault('tenant_forbidden')
      const successor = texts.make(sid)
      const outcome = await store.change(async (view) => {
        const family = await view.get('families', sid)
        // Another refresh was faster: this one has lost to it, and is no replay.
        if (family === null || family.hash !== known.hash) return null
        const next = advance(family, hashOf(refreshToken), hashOf(successor))
        if (next === 'replayed') view.set('families', sid, { ...family, revokedAt: now() })
        else if (next !== null) view.set('families', sid, next)
        return next
      })
      if (outcome === null || outcome === 'replayed') throw fault('refresh_invalid')
      return pairOf(sid, outcome, successor)
    },

    async noteUse(family, jti) {
      const recent = family.retiredAt !== null && now() - family.retiredAt <= graceMs
      if (!recent || family.usedAt !== null || jtiOf(family.hash) !== jti) return
      try {
        await store.change(async (view) => {
          const current = await view.get('families', family.id)
          if (current?.hash === family.hash && current.usedAt === null)
            view.set('families', family.id, { ...current, usedAt: now() })
        })
      } catch (error) {
        // Whoever was first has noted it, or has changed the family so that it does not matter any more.
        if (!(error instanceof Fault && error.code === 'write_conflict')) throw error
      }
    },
  }
}

/** An id that no family has. */
async function freeId(view: View, randomBytes: (size: number) => Uint8Array): Promise<string> {
  const id = makeTokenId(randomBytes)
  return (await view.get('families', id)) === null ? id : freeId(view, randomBytes)
}
