import type { Keep } from '../../../ports/keep.ts'
import { isActive } from '../operator-actor.ts'
import { hashOf, makeToken } from '../secret-hash.ts'
import type { Found, Store } from '../store.ts'
import { newOperator } from './new-operator.ts'
import { guardOwners } from './owners.ts'

const ticketMs = 10 * 60_000
const id = 'local'

/** How the person at this machine comes in: whoever can start the server owns it. */
export interface LocalTicket {
  /** A ticket that opens one session as owner within ten minutes; null: the local owner was disabled. */
  issue(): Promise<string | null>
  /** Spends a ticket: the owner once, then null, whoever asks. */
  spend(ticket: string): Promise<Found<'operators'> | null>
}

/** Makes the tickets; the owner `local` is made with the first one. */
export function createLocalTicket(needs: {
  readonly store: Store
  readonly keep: Keep
  readonly homeTenant: string
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
}): LocalTicket {
  const { store, keep, homeTenant, now, randomBytes } = needs

  const owner = () =>
    store.change(async (view) => {
      const known = await view.get('operators', id)
      if (known !== null) return known
      const made = newOperator({
        email: 'local@localhost',
        name: 'Local owner',
        tenant: homeTenant,
        role: 'owner',
        invitedUntil: null,
        createdAt: now(),
      })
      await guardOwners(view)
      view.set('operators', id, made)
      return { ...made, id }
    })

  return {
    async issue() {
      if (!isActive(await owner())) return null
      const ticket = makeToken(randomBytes)
      await keep.put(`ticket/local/${hashOf(ticket)}`, '1', ticketMs)
      return ticket
    },
    async spend(ticket) {
      const key = `ticket/local/${hashOf(ticket)}`
      const kept = await keep.get(key)
      if (kept === null || !(await keep.delete(key, kept.version))) return null
      const operator = await owner()
      return isActive(operator) ? operator : null
    },
  }
}
