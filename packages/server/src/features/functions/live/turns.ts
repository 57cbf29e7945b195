/** Makes turns of which so many are taken at a time; who comes later waits, first come, first served. */
export function createTurns(most: number): <Result>(run: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let taken = 0

  return async (run) => {
    if (taken < most) taken += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      // Whoever waits takes this very turn.
      if (next === undefined) taken -= 1
      else next()
    }
  }
}
