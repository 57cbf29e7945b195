import { fault } from '@quarterdeck/sdk/errors'
import { z } from 'zod'
import type { Keep } from '../../../ports/keep.ts'
import { hashOf, makeToken } from '../secret-hash.ts'
import { Holder } from './finding.ts'

const ticketMs = 30_000

const Ticket = z.object({ holder: Holder, origin: z.string().nullable(), topics: z.array(z.string()) })

/** Where a ticket is to be used, or is. */
export interface TicketUse {
  /** The page's origin, where a browser said one. */
  readonly origin: string | null
  readonly topics: readonly string[]
}

/** Tickets for clients that cannot send a header: 30 s, one use, bound to credential, origin and topics. */
export interface Tickets {
  issue(holder: Holder, use: TicketUse): Promise<{ ticket: string; expiresAt: number }>
  /** What stands behind the ticket, once. Throws `unauthenticated`; a ticket that was tried is spent in any case. */
  spend(ticket: string, use: TicketUse): Promise<Holder>
}

/** Makes the tickets over `keep`, which holds them only by hash. */
export function createTickets(needs: {
  readonly keep: Keep
  readonly publicOrigin: () => string
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
}): Tickets {
  const { keep, publicOrigin, now, randomBytes } = needs
  const keyOf = (ticket: string) => `ticket/stream/${hashOf(ticket)}`

  /** A browser says no origin when it reads from its own; to any other it always does. */
  const sameOrigin = (bound: string | null, said: string | null) =>
    said === bound || (said === null && bound === publicOrigin())

  return {
    async issue(holder, { origin, topics }) {
      const ticket = makeToken(randomBytes)
      const kept: z.input<typeof Ticket> = { holder, origin, topics: [...topics] }
      await keep.put(keyOf(ticket), JSON.stringify(kept), ticketMs)
      return { ticket, expiresAt: now() + ticketMs }
    },
    async spend(ticket, { origin, topics }) {
      const key = keyOf(ticket)
      const kept = await keep.get(key)
      if (kept === null || !(await keep.delete(key, kept.version))) throw fault('unauthenticated')
      const bound = Ticket.parse(JSON.parse(kept.value))
      const covered = topics.length > 0 && topics.every((topic) => bound.topics.includes(topic))
      if (!covered || !sameOrigin(bound.origin, origin)) throw fault('unauthenticated')
      return bound.holder
    },
  }
}
