import type { CallRecord } from '../runner.ts'

/** Calls of one function, tenant and outcome that are written as they are, for each second. */
const mostAlike = 100
const most = 500
const longestMs = 1_000
/** What waits at most while the log is away or slow; what comes beyond is let go. */
const room = 20_000

/** A call with the name that its record will have, so that writing it twice stores it once. */
export interface WaitingCall {
  readonly id: string
  readonly call: CallRecord
  /** How many calls it stands for, itself included. */
  readonly calls: number
}

/** Calls on their way into the log. */
export interface CallBatch {
  /** Takes a call, at once. */
  add(call: CallRecord): void
  /** Resolves when what was added before has been tried; a log that is away is tried again later. */
  flush(): Promise<void>
}

/** Calls of one function, tenant and outcome within a second: a fair sample of all that were seen. */
interface Alike {
  seen: number
  readonly kept: CallRecord[]
}

/**
 * Gathers calls for a second, and writes them tenant by tenant. Of more than 100 alike in that second a fair sample of
 * 100 is written, each with the number of calls that it stands for: a busy function costs its log no more than that. A
 * failure is nobody's but its own.
 */
export function createCallBatch(needs: {
  readonly write: (tenant: string, calls: readonly WaitingCall[]) => Promise<void>
  readonly randomId: () => string
  /** 0 to 1. */
  readonly random: () => number
  readonly later: (ms: number, run: () => void) => void
  /** Calls that were let go, as the log did not take them. */
  readonly dropped?: (count: number) => void
}): CallBatch {
  let second = new Map<string, Alike>()
  let waiting: WaitingCall[] = []
  let writing: Promise<void> | null = null
  let timed = false

  function soon(): void {
    if (timed) return
    timed = true
    needs.later(longestMs, () => {
      timed = false
      void flush()
    })
  }

  function flush(): Promise<void> {
    const before = writing
    if (waiting.length === 0 && second.size === 0) return before ?? Promise.resolve()
    // Who comes while one is written waits for that, then for the next with all that came by then.
    const mine = (before ?? Promise.resolve()).then(writeAll)
    writing = mine
    void mine.then(() => {
      if (writing === mine) writing = null
    })
    return mine
  }

  /** Ends the second: what was kept of it waits to be written. */
  function endSecond(): void {
    for (const { seen, kept } of second.values()) {
      const each = Math.floor(seen / kept.length)
      const more = seen % kept.length
      for (const [at, call] of kept.entries())
        waiting.push({ id: needs.randomId(), call, calls: at < more ? each + 1 : each })
    }
    second = new Map()
  }

  function fit(): void {
    const over = waiting.length - room
    if (over <= 0) return
    needs.dropped?.(waiting.slice(0, over).reduce((sum, { calls }) => sum + calls, 0))
    waiting = waiting.slice(over)
  }

  async function writeAll(): Promise<void> {
    endSecond()
    const calls = waiting
    waiting = []
    const failed: WaitingCall[] = []
    for (const [tenant, own] of Map.groupBy(calls, ({ call }) => call.tenant))
      for (let from = 0; from < own.length; from += most) {
        const some = own.slice(from, from + most)
        await needs.write(tenant, some).catch(() => void failed.push(...some))
      }
    if (failed.length === 0) return
    waiting = failed.concat(waiting)
    fit()
    soon()
  }

  return {
    add(call) {
      const key = `${call.outcome} ${call.fn} ${call.tenant}`
      let alike = second.get(key)
      if (alike === undefined) {
        alike = { seen: 0, kept: [] }
        second.set(key, alike)
      }
      alike.seen += 1
      if (alike.kept.length < mostAlike) alike.kept.push(call)
      else {
        // Each of all that were seen is kept with the same chance.
        const place = Math.floor(needs.random() * alike.seen)
        if (place < mostAlike) alike.kept[place] = call
      }
      soon()
    },
    flush,
  }
}
