import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import type { ActorNow, OperatorActor } from '../operator-actor.ts'
import type { Found, Store } from '../store.ts'
import type { AccessClaims } from './access-claims.ts'
import { type Families, isLive } from './families.ts'

/** What a function user may do beside what its groups open: chat, and answer for its own tools. */
export const userPermissions = ['assistant:chat', 'assistant:approve-own']

/** Groups that follow from the class of a credential. In a token they do not count. */
const classGroups = new Set(['anonymous', 'operators', 'services', 'gates'])

/** A function user's groups as they count. */
export const ownGroups = (groups: readonly string[]): string[] =>
  groups.filter((group) => !classGroups.has(group))

const partsOf = (scope: string): string[] => scope.split(' ').filter((one) => one !== '')

/** Whom verified claims stand for as of now. Throws `credential_revoked`. */
export type ActorOfClaims = (claims: AccessClaims) => Promise<ActorNow>

/** Makes the lookup. */
export function createActorOfClaims(needs: {
  readonly store: Store
  readonly families: Pick<Families, 'noteUse'>
  readonly operatorActor: OperatorActor
  readonly now: () => number
}): ActorOfClaims {
  async function familyOf({ sid, epoch, tenant, jti }: Extract<AccessClaims, { sid: string }>) {
    const family: Found<'families'> | null = await needs.store.view().get('families', sid)
    if (family === null || !isLive(family, needs.now())) throw fault('credential_revoked')
    if (family.tenant !== tenant || epoch < family.epoch) throw fault('credential_revoked')
    await needs.families.noteUse(family, jti)
    return family
  }

  return async (claims) => {
    const { tenant, sub } = claims
    if (claims.class === 'service') {
      const permissions = partsOf(claims.scope)
      const actor: Actor = { tenant, principal: sub, class: 'service', permissions, credential: claims.jti }
      return { actor, dependsOn: [] }
    }
    const { sid } = claims
    const row = `families/${sid}`
    await familyOf(claims)
    if (claims.class === 'operator') {
      const found = await needs.operatorActor(sub, tenant, sid)
      if (found === null || claims.epoch < found.epoch) throw fault('credential_revoked')
      return { actor: found.actor, dependsOn: [row, ...found.dependsOn] }
    }
    const common = { tenant, principal: sub, credential: sid }
    if (claims.class === 'user') {
      const groups = ownGroups(claims.groups)
      return { actor: { ...common, class: 'user', permissions: userPermissions, groups }, dependsOn: [row] }
    }
    const gate = { deploy: claims.deploy, release: claims.release }
    return { actor: { ...common, class: 'gate', permissions: partsOf(claims.scope), gate }, dependsOn: [row] }
  }
}
