import type { Actor } from '@quarterdeck/sdk/actor'
import { Fault } from '@quarterdeck/sdk/errors'
import type { Authenticator } from '../../../core/authenticate.ts'
import { keyOf } from './authenticate.ts'

/**
 * An authenticator that goes on knowing whom it has verified until it refuses them: 10,000 at most, those looked up
 * longest ago going first. What is remembered of a credential becomes void with each change of its rows, be it the note
 * of its last use. That makes no stranger of its holder, who would be kept out with an address that sent bad ones.
 */
export function lastingAuthenticator(
  inner: Authenticator,
  { most = 10_000 }: { readonly most?: number } = {},
): Authenticator {
  const verified = new Set<string>()
  /** What comes from memory has been noted already. */
  const noted = new WeakSet<Actor>()

  function note(key: string): void {
    verified.delete(key)
    verified.add(key)
    const [oldest] = verified
    if (verified.size > most && oldest !== undefined) verified.delete(oldest)
  }

  return {
    async authenticate(credential) {
      const { kind, value } = credential
      try {
        const found = await inner.authenticate(credential)
        if (kind !== 'ticket' && !noted.has(found.actor)) {
          noted.add(found.actor)
          note(keyOf(kind, value))
        }
        return found
      } catch (error) {
        if (error instanceof Fault && error.status < 500) verified.delete(keyOf(kind, value))
        throw error
      }
    },
    known: (credential) =>
      inner.known(credential) ||
      (credential.kind !== 'ticket' && verified.has(keyOf(credential.kind, credential.value))),
  }
}
