import { use, useSyncExternalStore } from 'react'
import { LiveContext } from './live-provider.tsx'
import type { Live } from './live-store.ts'

/** A part of what the live feed has said. `select` gives the same value for the same part. */
export function useLive<T>(select: (live: Live) => T): T {
  const store = use(LiveContext)
  if (store === null) throw new Error('useLive needs a LiveProvider around it')
  return useSyncExternalStore(store.subscribe, () => select(store.get()))
}
