import type { Keep } from '../../ports/keep.ts'
import type { Meter } from '../meter.ts'

/** Whether the store of the limits is there. */
export interface StoreWatch {
  /** Asking while it is lost also looks whether it is back, without waiting for it. */
  isLost(): boolean
  /** Says that it did not answer. */
  lose(): void
}

const gauge = 'limit_store_degraded'
const lookAgainMs = 1_000

/** Watches a store that may get lost; `pause` is waited between two looks. */
export function watchStore(needs: {
  readonly keep: Keep
  readonly meter: Meter
  readonly pause?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
}): StoreWatch {
  const { keep, meter, pause } = needs
  const never = new AbortController().signal
  let lost = false
  let looking = false
  meter.set(gauge, {}, 0)

  async function look() {
    looking = true
    try {
      // A write, as a store that can only be read is no store for limits.
      await keep.put('limit/store', 'here', lookAgainMs)
      lost = false
      meter.set(gauge, {}, 0)
    } catch {
      await pause?.(lookAgainMs, never)
    } finally {
      looking = false
    }
  }

  return {
    isLost() {
      if (lost && !looking) void look().catch(() => undefined)
      return lost
    },
    lose() {
      lost = true
      meter.set(gauge, {}, 1)
    },
  }
}
