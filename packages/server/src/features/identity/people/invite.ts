import type { Actor } from '@quarterdeck/sdk/actor'
import type { Role } from '@quarterdeck/sdk/contract/identity'
import { Fault, fault } from '@quarterdeck/sdk/errors'
import type { Found, OperatorDoc, Store } from '../store.ts'
import type { MailQueue } from './mail-queue.ts'
import { invitationMail, type Place } from './mail-text.ts'
import { newOperator } from './new-operator.ts'
import { isOwner, seesAll } from './operator-view.ts'
import { guardOwners } from './owners.ts'
import type { Tenants } from './tenants.ts'

const invitationMs = 7 * 86_400_000

/**
 * Invites a person. Throws `tenant_mismatch`, `tenant_forbidden`, `forbidden` where somebody else than an owner makes
 * an owner, and `already_operator`.
 */
export type Invite = (
  actor: Actor,
  said: { readonly email: string; readonly tenant?: string | undefined; readonly role: Role },
) => Promise<Found<'operators'>>

/** The tenant that an act on operators is meant for: the actor's own, or the one that an owner at home names. */
export function targetTenant(actor: Actor, named: string | undefined, home: string): string {
  if (named === undefined || named === actor.tenant) return actor.tenant
  if (!seesAll(actor, home)) throw fault('tenant_mismatch')
  return named
}

/** Makes it. Somebody disabled, or invited too long ago, can be invited anew; nobody else twice. */
export function createInvite(needs: {
  readonly store: Store
  readonly queue: MailQueue
  readonly place: Place
  readonly tenants: Tenants
  readonly now: () => number
  readonly newId: () => string
}): Invite {
  const { store, queue, place, tenants, now, newId } = needs
  return async (actor, { email, tenant: named, role }) => {
    const tenant = targetTenant(actor, named, tenants.home)
    if (!tenants.allowed(tenant)) throw fault('tenant_forbidden')
    if (role === 'owner' && !isOwner(actor)) throw fault('forbidden')
    const id = newId()
    const change = store.change(async (view) => {
      const at = now()
      const invitedUntil = at + invitationMs
      const [known] = await view.where('operators', 'email', email)
      const doc =
        known === undefined
          ? newOperator({ email, name: nameOf(email), tenant, role, invitedUntil, createdAt: at })
          : again(known, { tenant, role }, invitedUntil)
      if (role === 'owner') await guardOwners(view)
      view.set('operators', known?.id ?? id, doc)
      return { ...doc, id: known?.id ?? id }
    })
    const invited = await change.catch((error: unknown) => {
      // Somebody else invited the same person in the meantime.
      throw error instanceof Fault && error.code === 'unique_violation' ? fault('already_operator') : error
    })
    queue.add(async () => invitationMail(place, email, { tenant, role }))
    return invited

    function again(
      known: Found<'operators'>,
      membership: OperatorDoc['memberships'][number],
      invitedUntil: number,
    ): OperatorDoc {
      const others = known.memberships.filter((one) => one.tenant !== tenant)
      const out = known.disabledAt !== null || (known.invitedUntil !== null && known.invitedUntil <= now())
      const memberships = [...others, membership]
      // Only who reaches a person everywhere may let them in again.
      if (out && (others.length === 0 || seesAll(actor, tenants.home)))
        return { ...known, memberships, disabledAt: null, invitedUntil }
      if (out || others.length < known.memberships.length) throw fault('already_operator')
      return { ...known, memberships }
    }
  }
}

/** What a person is called until they say so: the address's first part. */
const nameOf = (email: string) => email.slice(0, email.lastIndexOf('@'))
