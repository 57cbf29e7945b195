import type { Actor } from '@quarterdeck/sdk/actor'
import { Fault, fault } from '@quarterdeck/sdk/errors'
import type { Proofs } from '../../../core/proof.ts'
import type { Store } from '../store.ts'
import type { Factor } from './factor.ts'

/** Exchanges a challenge for a proof by its word and a code of the second factor. */
export type Prove = (
  actor: Actor,
  said: { readonly challenge: string; readonly word?: string | undefined; readonly code: string },
) => Promise<{ proof: string; expiresAt: string }>

/** Makes it. Throws `enrolment_required`, `proof_invalid` whatever is wrong, and `factor_locked`. */
export function createProve(needs: {
  readonly store: Store
  readonly proofs: Pick<Proofs, 'open' | 'grant'>
  readonly factor: Factor
}): Prove {
  const { store, proofs, factor } = needs
  return async (actor, { challenge, word, code }) => {
    const operator = await store.view().get('operators', actor.principal)
    if (operator === null || operator.totp === null) throw fault('enrolment_required')
    const wanted = await proofs.open(challenge, actor)
    // The word is no secret: a mistyped one costs no try and no code.
    if (wanted.word !== null && wanted.word !== word) throw fault('proof_invalid')
    await factor.useCode(operator.id, code).catch((error: unknown) => {
      throw error instanceof Fault && error.code === 'code_invalid' ? fault('proof_invalid') : error
    })
    const { proof, expiresAt } = await proofs.grant(challenge, actor)
    return { proof, expiresAt: new Date(expiresAt).toISOString() }
  }
}
