/** What calls of sessions want done after the commit, as far as this process ran them. */
export interface WaitingEffects {
  add(key: string, afters: readonly (() => unknown)[]): void
  /** Takes them all away. */
  take(key: string): (() => unknown)[]
}

/** Keeps what waits for so many ms at most: a session that was neither committed nor dropped ends by itself. */
export function createWaitingEffects(needs: {
  readonly now: () => number
  readonly keptMs: number
}): WaitingEffects {
  const { now, keptMs } = needs
  const waiting = new Map<string, { readonly until: number; readonly afters: (() => unknown)[] }>()

  return {
    add(key, afters) {
      if (afters.length === 0) return
      for (const [other, { until }] of waiting) if (until <= now()) waiting.delete(other)
      const there = waiting.get(key)
      if (there === undefined) waiting.set(key, { until: now() + keptMs, afters: [...afters] })
      else there.afters.push(...afters)
    },
    take(key) {
      const there = waiting.get(key)
      waiting.delete(key)
      return there?.afters ?? []
    },
  }
}
