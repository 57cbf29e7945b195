import { z } from 'zod'
import { Fault } from '../errors.ts'

/** What a dangerous call answers before it does anything: what it would do, and what is asked to let it. */
export const ProofDemand = z.object({
  challenge: z.string(),
  /** SHA-256 of the act and of what is shown, hex. */
  actionHash: z.string(),
  /** The word to type; null: the code of the second factor alone. */
  word: z.string().nullable(),
  expiresAt: z.string(),
  shown: z.looseObject({ does: z.string() }),
})
export type ProofDemand = z.infer<typeof ProofDemand>

/** What a person is asked, and why again. */
export interface Asking {
  readonly demand: ProofDemand
  /** What was shown before, where the person is asked for the same act again. */
  readonly before: ProofDemand | null
}

/** The demand that a refusal carries, if it is one for a proof. */
export function proofDemandOf(error: unknown): ProofDemand | null {
  if (!(error instanceof Fault)) return null
  if (error.code !== 'proof_required' && error.code !== 'changed_since_shown') return null
  return ProofDemand.safeParse(error.members).data ?? null
}

/**
 * Performs a call that may ask for a proof. `prove` shows the demand to a person and answers the proof that
 * `POST /identity/proofs` gave, or null to have the demand made anew; what it throws ends the call. It is asked again
 * as often as what would happen has changed, or a proof did not stand any more.
 */
export async function proved<T>(
  perform: (options: { readonly proof?: string }) => Promise<T>,
  prove: (asking: Asking) => Promise<string | null>,
): Promise<T> {
  let before: ProofDemand | null = null
  let proof: string | null = null
  for (;;) {
    try {
      return await perform(proof === null ? {} : { proof })
    } catch (error) {
      const demand = proofDemandOf(error)
      if (demand !== null) {
        proof = await prove({ demand, before })
        before = demand
      } else if (proof !== null && error instanceof Fault && error.code === 'proof_invalid') proof = null
      else throw error
    }
  }
}
