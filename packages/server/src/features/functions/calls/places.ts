import { fault } from '@quarterdeck/sdk/errors'
import type { Stop } from './stop.ts'

/** The places of calls that run in this process. */
export interface Places {
  /** Runs in a place, at once or after waiting. It is given up when the call ends, whatever its handler still does. */
  within<Result>(stop: Stop, run: () => Promise<Result>): Promise<Result>
}

const waitMs = 5_000

/**
 * Makes places: so many calls run, four times as many wait, 5 s at most and first come first served; more are
 * `overloaded`.
 */
export function createPlaces(needs: {
  readonly concurrency: number
  readonly after: (ms: number, run: () => void) => () => void
}): Places {
  const { concurrency, after } = needs
  const queue = new Set<() => void>()
  let running = 0

  const full = () => fault('overloaded', undefined, { members: { retryAfter: 1 } })

  function wait(stop: Stop): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        queue.delete(turn)
        inTime()
        unhear()
      }
      const turn = () => {
        end()
        resolve()
      }
      const late = (reason: unknown) => {
        end()
        reject(reason)
      }
      const inTime = after(waitMs, () => late(full()))
      const unhear = stop.hear(late, 'waiting')
      queue.add(turn)
    })
  }

  function leave(): void {
    // Whoever is next has the place of the one that leaves.
    const [next] = queue
    if (next === undefined) running -= 1
    else next()
  }

  return {
    async within(stop, run) {
      stop.check()
      if (running < concurrency) running += 1
      else if (queue.size < concurrency * 4) await wait(stop)
      else throw full()
      let stays = true
      const leaveOnce = () => {
        if (stays) leave()
        stays = false
      }
      const unhear = stop.hear(leaveOnce)
      try {
        return await run()
      } finally {
        unhear()
        leaveOnce()
      }
    },
  }
}
