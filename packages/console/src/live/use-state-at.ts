import type { OperatingState } from '@quarterdeck/sdk/contract/state'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { client } from '../app/client.ts'
import { useLive } from './use-live.ts'

export interface StateAt {
  readonly state: OperatingState | undefined
  readonly error: Error | null
  /** The state shown is that of another position than asked for, while this one is fetched. */
  readonly moving: boolean
}

/** The operating state at a position or an instant; without one, as it is now and live. */
export function useStateAt(at: string | undefined): StateAt {
  const live = useLive(({ state }) => state)
  const past = useQuery({
    queryKey: ['state', at],
    queryFn: ({ signal }) => client.records.state({ at }, { signal }),
    enabled: at !== undefined,
    // What was at a position never changes.
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  })
  if (at === undefined) return { state: live, error: null, moving: false }
  return { state: past.data, error: past.error, moving: past.isPlaceholderData }
}
