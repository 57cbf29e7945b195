import type { CallOptions } from '@quarterdeck/sdk/client'
import { proved } from '@quarterdeck/sdk/client/proved'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { use } from 'react'
import { ProofContext } from './proof-provider.tsx'
import { TurnedAway } from './turned-away.ts'

/** A call of a page, as it stands. */
export interface Proved<Input> {
  readonly perform: (input: Input) => void
  readonly busy: boolean
  /** Why it was not done; null while it runs, when it was done, and when the person turned away. */
  readonly error: Error | null
  readonly reset: () => void
}

/**
 * A write of a page. Where the server asks for a proof, the proof dialog asks the person for it and the call is made
 * again; where it does not, nothing of that shows. What the page lists of identity is fetched anew afterwards.
 */
export function useProved<Input, Output>(
  call: (input: Input, options?: CallOptions) => Promise<Output>,
  onDone?: (output: Output, input: Input) => void,
): Proved<Input> {
  const prover = use(ProofContext)
  if (prover === null) throw new Error('useProved needs a ProofProvider around it')
  const cache = useQueryClient()
  const { mutate, isPending, error, reset } = useMutation({
    // Answers may hold a secret that is shown once: nothing of them is kept.
    gcTime: 0,
    mutationFn: (input: Input) => proved((options) => call(input, options), prover.ask).finally(prover.close),
    onSuccess(output, input) {
      void cache.invalidateQueries({ queryKey: ['identity'] })
      onDone?.(output, input)
    },
  })
  return { perform: mutate, busy: isPending, error: error instanceof TurnedAway ? null : error, reset }
}
