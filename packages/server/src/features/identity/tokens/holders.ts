import { fault } from '@quarterdeck/sdk/errors'
import type { OperatorActor } from '../operator-actor.ts'
import { endOf, isOpen } from '../people/sessions.ts'
import type { Store } from '../store.ts'
import type { AccessClaims } from './access-claims.ts'
import { leewaySeconds } from './access-tokens.ts'
import type { ActorOfClaims } from './claim-actors.ts'
import type { ExternalUser } from './external-users.ts'
import type { Finding, Holder } from './finding.ts'

/** Who a holder is by now. Throws `credential_expired`, `credential_revoked`, `tenant_forbidden`. */
export type ReadHolder = (holder: Holder) => Promise<Finding>

/** Makes the lookup over identity's store. */
export function createReadHolder(needs: {
  readonly store: Store
  readonly byCredential: (id: string) => Promise<Pick<Finding, 'actor' | 'dependsOn' | 'expiresAt'> | null>
  readonly operatorActor: OperatorActor
  readonly actorOfClaims: ActorOfClaims
  readonly externalUser: ExternalUser
  readonly now: () => number
}): ReadHolder {
  const { store, byCredential, operatorActor, now } = needs
  const gone = () => fault('credential_revoked')

  async function bySession(id: string): Promise<Omit<Finding, 'holder'>> {
    const session = await store.view().get('sessions', id)
    if (session === null || !isOpen(session, now())) throw gone()
    const rows = [`sessions/${id}`]
    if (session.kind === 'operator') {
      const found = await operatorActor(session.actor, session.tenant, id)
      if (found?.epoch !== session.epoch) throw gone()
      return { actor: found.actor, expiresAt: endOf(session), dependsOn: [...rows, ...found.dependsOn] }
    }
    const found = await byCredential(session.actor)
    if (found?.actor.tenant !== session.tenant) throw gone()
    return {
      actor: { ...found.actor, credential: id },
      expiresAt: Math.min(endOf(session), found.expiresAt),
      dependsOn: [...rows, ...found.dependsOn],
    }
  }

  async function byClaims(claims: AccessClaims): Promise<Omit<Finding, 'holder'>> {
    const expiresAt = (claims.exp + leewaySeconds) * 1_000
    if (expiresAt <= now()) throw fault('credential_expired')
    return { ...(await needs.actorOfClaims(claims)), expiresAt }
  }

  return async (holder) => {
    if (holder.by === 'session') return { ...(await bySession(holder.id)), holder }
    if (holder.by === 'claims') return { ...(await byClaims(holder.claims)), holder }
    if (holder.by === 'issued') return needs.externalUser(holder.issued)
    const found = await byCredential(holder.id)
    if (found === null) throw gone()
    return { ...found, holder }
  }
}
