import { operations } from '@quarterdeck/sdk/contract'
import type { CredentialItem, SessionView } from '@quarterdeck/sdk/contract/identity'
import { may } from '../../../app/may.ts'

type Kind = CredentialItem['kind']

const producerScopes = new Set(['records:write', 'telemetry:write'])

/** The permissions that a new token of a kind can be given: those held here, of which a token of it can make use. */
export function grantable(session: SessionView, kind: Kind): string[] {
  const known = operations()
    .filter(({ classes }) => classes === undefined || classes.includes('service'))
    .map(({ permission }) => permission)
    .filter((permission) => permission !== 'public' && !permission.endsWith(':self'))
  // What is held by name alone may belong to an operation that this build does not show.
  const named = session.permissions.filter((permission) => !permission.includes('*'))
  return [...new Set([...known, ...named])]
    .filter((permission) => may(session, permission))
    .filter(
      (permission) => !permission.endsWith(':self') && (kind === 'service' || producerScopes.has(permission)),
    )
    .toSorted()
}
