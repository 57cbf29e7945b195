import { type Actor, holds } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'

const scope = /^[a-z]+:[A-Za-z-]+$/

/** What producers need; it is all that their tokens hold. */
export const producerScopes: readonly string[] = ['records:write', 'telemetry:write']

/** Throws `scope_exceeded` unless every scope is one permission that the actor holds: no wildcard, no `:self`, no `public`. */
export function checkScopes(actor: Actor, scopes: readonly string[]): void {
  for (const one of scopes)
    if (!scope.test(one) || one.endsWith(':self') || !holds(actor, one))
      throw fault('scope_exceeded', `${one} is not a permission that the maker holds`)
}
