/** Waits of callers are joined: while one commit is on its way, the next one gathers everybody who comes. */
export interface GroupCommit<Request, Result> {
  submit(request: Request): Promise<Result>
  /** Resolves when nothing is waiting or on its way. */
  idle(): Promise<void>
}

/**
 * One commit is in flight at a time; what waits goes together in the next, up to `maxWeight`. When a joined commit
 * fails each caller gets the error: the engine took nothing of it.
 */
export function groupCommit<Request, Result>(needs: {
  readonly commit: (requests: readonly Request[]) => Promise<readonly Result[]>
  readonly weigh: (request: Request) => number
  readonly maxWeight: number
}): GroupCommit<Request, Result> {
  type Waiting = { request: Request; resolve: (result: Result) => void; reject: (error: unknown) => void }
  let waiting: Waiting[] = []
  let running: Promise<void> | null = null

  function take(): Waiting[] {
    let weight = 0
    let count = 0
    for (const { request } of waiting) {
      weight += needs.weigh(request)
      if (count > 0 && weight > needs.maxWeight) break
      count += 1
    }
    const taken = waiting.slice(0, count)
    waiting = waiting.slice(count)
    return taken
  }

  async function run() {
    // Whoever comes in the same turn of the event loop shares the first commit too.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const group = take()
      try {
        const results = await needs.commit(group.map((one) => one.request))
        for (const [index, one] of group.entries()) one.resolve(results[index] as Result)
      } catch (error) {
        for (const one of group) one.reject(error)
      }
    }
    running = null
  }

  return {
    submit(request) {
      return new Promise((resolve, reject) => {
        waiting.push({ request, resolve, reject })
        running ??= run()
      })
    },
    idle: () => running ?? Promise.resolve(),
  }
}
