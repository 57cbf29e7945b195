/** Calls `late` once `ms` have passed, unless the function that it answers was called before. */
export type After = (ms: number, late: () => void) => () => void

/** What is late is found within so many ms. */
const everyMs = 50

/**
 * Makes timeouts for what nearly always ends long before: one look at all of them now and then, and no timer for each,
 * as starting and stopping those costs more than many a request.
 */
export function createTimeouts(now: () => number): After {
  const waiting = new Set<{ readonly at: number; readonly late: () => void }>()
  let looking: NodeJS.Timeout | null = null

  function look(): void {
    const at = now()
    for (const one of waiting) {
      if (one.at > at) continue
      waiting.delete(one)
      one.late()
    }
    if (waiting.size > 0 || looking === null) return
    clearInterval(looking)
    looking = null
  }

  return (ms, late) => {
    const mine = { at: now() + ms, late }
    waiting.add(mine)
    looking ??= setInterval(look, everyMs)
    return () => waiting.delete(mine)
  }
}
