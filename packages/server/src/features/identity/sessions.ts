import { createHash } from 'node:crypto'
import type { Actor } from '@quarterdeck/sdk/actor'
import { z } from 'zod'
import type { Keep } from '../../ports/keep.ts'
import type { Tables } from '../../ports/tables.ts'

const owner = '_identity'
const table = 'sessions'
const idleMs = 8 * 3_600_000
const absoluteMs = 7 * 86_400_000
const ticketMs = 10 * 60_000

const Session = z.object({
  credential: z.string(),
  createdAt: z.number(),
  lastSeenAt: z.number(),
  endsAt: z.number(),
})
type Session = z.output<typeof Session>

/** Browser sessions, and the one-time tickets that open them in local mode. Both are stored by hash only. */
export interface Sessions {
  /** Opens a session for a credential; answers the cookie's value. */
  open(actor: Actor): Promise<{ token: string; maxAgeSeconds: number }>
  /** The actor of a session, and when it ends (Unix ms); null when there is none, it ended, or its credential is gone. */
  find(token: string): Promise<{ actor: Actor; endsAt: number } | null>
  close(token: string): Promise<void>
  /** A ticket that opens one session within ten minutes. */
  issueTicket(actor: Actor): Promise<string>
  /** Spends a ticket: the actor once, then null, whoever asks. */
  spendTicket(ticket: string): Promise<Actor | null>
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')

/** Makes the sessions over `tables` and `keep`. */
export function createSessions(needs: {
  readonly tables: Tables
  readonly keep: Keep
  readonly byCredential: (id: string) => Actor | null
  readonly now: () => number
  /** 43 characters of base64url from 32 random bytes. */
  readonly randomToken: () => string
}): Sessions {
  const { tables, keep, byCredential, now, randomToken } = needs

  async function read(token: string): Promise<Session | null> {
    const row = await tables.begin({ tenant: owner }).get(table, hashOf(token))
    return row === null ? null : Session.parse(row.data)
  }

  async function write(token: string, session: Session | null): Promise<void> {
    const tx = tables.begin({ tenant: owner })
    await tx.snapshot()
    if (session === null) tx.delete(table, hashOf(token))
    else tx.set(table, hashOf(token), session, owner)
    // Losing to another writer of the same session means that it was renewed or ended there.
    await tx.commit()
  }

  return {
    async open(actor) {
      const token = randomToken()
      const at = now()
      await write(token, {
        credential: actor.credential,
        createdAt: at,
        lastSeenAt: at,
        endsAt: at + absoluteMs,
      })
      return { token, maxAgeSeconds: absoluteMs / 1_000 }
    },
    async find(token) {
      const session = await read(token)
      const at = now()
      if (session === null || session.endsAt <= at || session.lastSeenAt + idleMs <= at) return null
      const actor = byCredential(session.credential)
      if (actor === null) return null
      if (at - session.lastSeenAt > 60_000) await write(token, { ...session, lastSeenAt: at })
      return { actor, endsAt: session.endsAt }
    },
    async close(token) {
      if ((await read(token)) !== null) await write(token, null)
    },
    async issueTicket(actor) {
      const ticket = randomToken()
      await keep.put(`ticket:${hashOf(ticket)}`, actor.credential, ticketMs)
      return ticket
    },
    async spendTicket(ticket) {
      const key = `ticket:${hashOf(ticket)}`
      const kept = await keep.get(key)
      if (kept === null || !(await keep.delete(key, kept.version))) return null
      return byCredential(kept.value)
    },
  }
}
