import type { Asking } from '@quarterdeck/sdk/client/proved'
import { createContext, type ReactNode, useMemo, useState } from 'react'
import { ProofDialog } from './proof-dialog.tsx'
import { TurnedAway } from './turned-away.ts'

/** The one place where a person is asked for a proof. */
export interface Prover {
  /** Shows what would happen and answers the proof of it; null: have it shown anew. Throws `TurnedAway`. */
  readonly ask: (asking: Asking) => Promise<string | null>
  /** Puts the dialog away: the call it was for is over. */
  readonly close: () => void
}

export const ProofContext = createContext<Prover | null>(null)

interface Open extends Asking {
  readonly settle: (proof: string | null) => void
  readonly turnAway: () => void
}

/** Holds the dialog that every dangerous call of the pages inside shows. */
export function ProofProvider(props: { readonly children: ReactNode }) {
  const [open, setOpen] = useState<Open | null>(null)
  const prover = useMemo(
    (): Prover => ({
      ask: (asking) =>
        new Promise((resolve, reject) => {
          setOpen({ ...asking, settle: resolve, turnAway: () => reject(new TurnedAway()) })
        }),
      close: () => setOpen(null),
    }),
    [],
  )
  return (
    <ProofContext value={prover}>
      {props.children}
      {open === null ? null : <ProofDialog {...open} />}
    </ProofContext>
  )
}
