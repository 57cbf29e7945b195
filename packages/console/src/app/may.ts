import { holds } from '@quarterdeck/sdk/actor'
import type { SessionView } from '@quarterdeck/sdk/contract/identity'

/**
 * Whether the one signed in holds a permission; everybody has what is their own. It only decides what is shown; the
 * server decides what is done.
 */
export function may(session: SessionView, permission: string): boolean {
  if (permission.endsWith(':self')) return true
  const { actor, tenant, permissions } = session
  return holds(
    { tenant, principal: actor.principal, class: 'operator', permissions, credential: '' },
    permission,
  )
}
