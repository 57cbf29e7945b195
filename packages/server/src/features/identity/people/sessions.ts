import type { Actor } from '@quarterdeck/sdk/actor'
import type { ActorNow, OperatorActor } from '../operator-actor.ts'
import { hashOf, makeToken, sameHash } from '../secret-hash.ts'
import type { Found, SessionDoc, Store } from '../store.ts'

const idleMs = 8 * 3_600_000
const absoluteMs = 7 * 86_400_000
const seenMs = 60_000

/** Who a session is opened for: an operator, or the credential that it was exchanged for. */
export interface SessionOwner {
  readonly actor: string
  readonly kind: 'operator' | 'credential'
  readonly tenant: string
  readonly amr: readonly string[]
  readonly client: string
  /** The operator's epoch; 0 for credentials. */
  readonly epoch: number
}

/** A session that is not stored yet. */
export interface SessionDraft {
  readonly id: string
  readonly token: string
  readonly doc: SessionDoc
  readonly maxAgeSeconds: number
}

/** Browser sessions: 8 hours idle, 7 days at most. Only the hash of a token is stored. */
export interface Sessions {
  /** Opens one; the token is the cookie's value. */
  open(who: SessionOwner): Promise<{ id: string; token: string; maxAgeSeconds: number }>
  /** A session for the caller to store in a change of its own. */
  draft(who: SessionOwner): SessionDraft
  /**
   * What a cookie stands for; null: none, ended, or its operator or credential is gone. `dependsOn`: rows `table/id`
   * whose change makes a cached answer void; it is good for a minute at most, as a use is noted here, and what is not
   * asked for seems idle. `endsAt` is Unix ms.
   */
  find(token: string): Promise<{
    readonly actor: Actor
    readonly id: string
    readonly endsAt: number
    readonly dependsOn: readonly string[]
  } | null>
  close(token: string): Promise<void>
  /** Deletes what has ended; answers how many. */
  sweep(): Promise<number>
}

/** When a session ends if it is not used again, Unix ms. */
export const endOf = (session: Pick<SessionDoc, 'endsAt' | 'lastSeenAt'>): number =>
  Math.min(session.endsAt, session.lastSeenAt + idleMs)

/** Whether a session is open; of an operator's it must hold the present epoch besides. */
export const isOpen = (session: SessionDoc, now: number): boolean =>
  session.revokedAt === null && endOf(session) > now

/** Makes the sessions over identity's store. */
export function createSessions(needs: {
  readonly store: Store
  readonly operatorActor: OperatorActor
  /** The actor of a credential as of now; null when it is gone, expired or revoked. */
  readonly byCredential: (id: string) => Promise<ActorNow | null>
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
}): Sessions {
  const { store, operatorActor, byCredential, now, randomBytes } = needs

  const idOf = (token: string) => hashOf(token).slice(0, 24)

  function draft(who: SessionOwner): SessionDraft {
    const token = makeToken(randomBytes)
    const at = now()
    const doc = {
      ...who,
      amr: [...who.amr],
      hash: hashOf(token),
      createdAt: at,
      lastSeenAt: at,
      endsAt: at + absoluteMs,
      revokedAt: null,
    }
    return { id: idOf(token), token, doc, maxAgeSeconds: absoluteMs / 1_000 }
  }

  async function read(token: string): Promise<Found<'sessions'> | null> {
    const session = await store.view().get('sessions', idOf(token))
    if (session === null || !sameHash(session.hash, hashOf(token)) || !isOpen(session, now())) return null
    return session
  }

  async function ownerOf(session: Found<'sessions'>): Promise<ActorNow | null> {
    if (session.kind === 'operator') {
      const found = await operatorActor(session.actor, session.tenant, session.id)
      return found?.epoch === session.epoch ? found : null
    }
    const found = await byCredential(session.actor)
    if (found === null || found.actor.tenant !== session.tenant) return null
    return { ...found, actor: { ...found.actor, credential: session.id } }
  }

  /** Notes that a session is in use. The use stands also when this cannot be written. */
  async function see(id: string): Promise<void> {
    const noted = store.change(async (view) => {
      const session = await view.get('sessions', id)
      const at = now()
      if (session === null || !isOpen(session, at) || at - session.lastSeenAt <= seenMs) return
      view.set('sessions', id, { ...session, lastSeenAt: at })
    })
    await noted.catch(() => undefined)
  }

  return {
    draft,
    async open(who) {
      const { id, token, doc, maxAgeSeconds } = draft(who)
      await store.change(async (view) => view.set('sessions', id, doc))
      return { id, token, maxAgeSeconds }
    },
    async find(token) {
      const session = await read(token)
      const found = session === null ? null : await ownerOf(session)
      if (session === null || found === null) return null
      if (now() - session.lastSeenAt > seenMs) await see(session.id)
      return {
        actor: found.actor,
        id: session.id,
        endsAt: session.endsAt,
        dependsOn: [`sessions/${session.id}`, ...found.dependsOn],
      }
    },
    async close(token) {
      const session = await read(token)
      if (session === null) return
      await store.change(async (view) => {
        const current = await view.get('sessions', session.id)
        if (current?.revokedAt === null) view.set('sessions', session.id, { ...current, revokedAt: now() })
      })
    },
    async sweep() {
      let gone = 0
      let cursor: string | undefined
      do {
        const page = await store.view().page('sessions', { limit: 500, cursor })
        const ended = page.rows.filter((session) => !isOpen(session, now()))
        if (ended.length > 0)
          await store.change(async (view) => {
            for (const { id } of ended) view.delete('sessions', id)
          })
        gone += ended.length
        cursor = page.cursor
      } while (cursor !== undefined)
      return gone
    },
  }
}
