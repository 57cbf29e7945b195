import { Fault, fault } from '@quarterdeck/sdk/errors'
import { z } from 'zod'
import type { Keep } from '../../../ports/keep.ts'

const windowMs = 15 * 60_000
const lockMs = 15 * 60_000
const most = 5

/** When each try that was not right was made, and until when none is checked; Unix ms. */
const State = z.object({ at: z.array(z.number()), lockedUntil: z.number() })
type State = z.output<typeof State>

/** Counts tries of an operator's second factor over all routes and replicas. */
export interface Tries {
  /**
   * Runs `check` as one try. It is counted before it is checked; a right one takes back its own count and no other.
   * After 5 wrong ones within 15 minutes, throws `factor_locked` for 15 minutes without checking.
   */
  attempt<Result>(operator: string, check: () => Promise<Result>): Promise<Result>
}

/** Makes the count over `keep`. */
export function createTries({ keep, now }: { readonly keep: Keep; readonly now: () => number }): Tries {
  /** Changes the state by compare-and-set; whoever loses finds that somebody else's change went through. */
  async function change(key: string, next: (state: State) => State | null): Promise<void> {
    for (;;) {
      const kept = await keep.get(key)
      const state = kept === null ? { at: [], lockedUntil: 0 } : State.parse(JSON.parse(kept.value))
      const wanted = next(state)
      if (wanted === null) return
      if ((await keep.compareAndSet(key, kept?.version ?? null, JSON.stringify(wanted), lockMs)) !== null)
        return
    }
  }

  return {
    async attempt(operator, check) {
      const key = `factor/tries/${operator}`
      const at = now()
      await change(key, ({ at: earlier, lockedUntil }) => {
        if (lockedUntil > at)
          throw fault('factor_locked', undefined, {
            members: { retryAfter: Math.ceil((lockedUntil - at) / 1_000) },
          })
        const counted = [...earlier.filter((one) => one > at - windowMs), at]
        return { at: counted, lockedUntil: counted.length >= most ? at + lockMs : 0 }
      })
      const takeBack = () =>
        change(key, (state) => {
          const mine = state.at.indexOf(at)
          if (mine === -1) return null
          const others = state.at.filter((_, index) => index !== mine)
          return { at: others, lockedUntil: others.length >= most ? state.lockedUntil : 0 }
        })
      try {
        const result = await check()
        await takeBack()
        return result
      } catch (error) {
        // What failed for another reason was no guess.
        if (!(error instanceof Fault && error.code === 'code_invalid')) await takeBack()
        throw error
      }
    },
  }
}
