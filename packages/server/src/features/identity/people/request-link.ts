import { fault } from '@quarterdeck/sdk/errors'
import { addressKey } from '../../../core/limits/address-key.ts'
import { rateLimited } from '../../../core/limits/limit-headers.ts'
import type { Limiter } from '../../../core/limits/limiter.ts'
import type { From, Reply } from '../../../core/perform.ts'
import { hashOf } from '../secret-hash.ts'
import type { Store } from '../store.ts'
import { maySignIn } from './enter.ts'
import { type Links, linkMs } from './links.ts'
import type { MailQueue } from './mail-queue.ts'
import { type Place, signInMail } from './mail-text.ts'

const hourMs = 3_600_000
const perAddress = [{ count: 10, windowMs: hourMs }]
const perMailbox = [{ count: 5, windowMs: hourMs }]
const closed = { whenLost: 'closed' } as const

/** Asks for a sign-in link. Throws `rate_limited` by the client's address alone. */
export type RequestLink = (
  said: { readonly email: string; readonly returnTo?: string | undefined },
  from: From,
  reply: Reply,
) => Promise<void>

/**
 * Makes it. Whatever depends on whose address it is (that it is known, disabled, asked for too often) is looked up when
 * the answer has left, so neither its content nor its time can tell.
 */
export function createRequestLink(needs: {
  readonly store: Store
  readonly links: Links
  readonly limiter: Pick<Limiter, 'take'>
  readonly queue: MailQueue
  readonly place: Place
  readonly now: () => number
}): RequestLink {
  const { store, links, limiter, queue, place, now } = needs
  return async ({ email, returnTo = '/console/' }, from, reply) => {
    const verdict = await limiter.take(`link/address/${addressKey(from.address)}`, perAddress, closed)
    if (!verdict.admitted) throw rateLimited('link', verdict)
    const cookie = await links.bind(from.cookie('link'))
    const taken = queue.add(async () => {
      const silent = !(await limiter.take(`link/mail/${hashOf(email)}`, perMailbox, closed)).admitted
      const [operator] = await store.view().where('operators', 'email', email)
      if (silent || operator === undefined || !maySignIn(operator, now())) return null
      const made = await links.make({ operator: operator.id, cookie, returnTo, amr: ['link'] })
      return signInMail(place, operator.email, made)
    })
    if (!taken) throw fault('dependency_unavailable')
    reply.setCookie?.('link', { value: cookie, maxAgeSeconds: linkMs / 1_000 })
  }
}
