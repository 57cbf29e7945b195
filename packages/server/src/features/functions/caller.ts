import type { Actor } from '@quarterdeck/sdk/actor'
import type { CallerInfo } from '@quarterdeck/sdk/functions/context'
import { reservedGroups } from '@quarterdeck/sdk/functions/perms'

const groupOfClass = {
  operator: ['operators'],
  service: ['services'],
  gate: ['gates'],
  anonymous: ['anonymous'],
  producer: [],
} as const

const reserved: ReadonlySet<string> = new Set(reservedGroups)

/** Who calls, as functions know callers: the principal and groups that the credential gives, and nothing else. */
export function callerOf(actor: Actor): CallerInfo {
  const groups =
    actor.class === 'user'
      ? (actor.groups ?? []).filter((group) => !reserved.has(group))
      : groupOfClass[actor.class]
  return {
    tenant: actor.tenant,
    principal: actor.class === 'anonymous' ? 'anonymous' : actor.principal,
    groups,
    class: actor.class,
  }
}
