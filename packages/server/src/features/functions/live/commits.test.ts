import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import type { Commit, Tables } from '../../../ports/tables.ts'
import { createCommits } from './commits.ts'

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => undefined)
const commitOf = (number: number): Commit => ({ number, touched: [] })

/** A tenant's commits, which come to their readers when a test says so. */
function store(poll = 1) {
  let last = 0
  const opened: number[] = []
  let broken = false
  const tables: Pick<Tables, 'begin' | 'changes'> = {
    begin: () => ({ snapshot: async () => last, abort() {} }) as unknown as ReturnType<Tables['begin']>,
    async *changes(_tenant, after, signal) {
      opened.push(after)
      let at = after
      while (!signal.aborted) {
        if (broken) throw new Error('the store is away')
        if (at < last) {
          at += 1
          yield commitOf(at)
        } else await pause(poll, signal)
      }
    },
  }
  return {
    tables,
    opened,
    commit: (count: number) => {
      last += count
    },
    breakOff: (is: boolean) => {
      broken = is
    },
  }
}

/** What a follower heard, from its start. */
function hear(commits: ReturnType<typeof createCommits>, after: number) {
  const stop = new AbortController()
  const numbers: number[] = []
  const over = (async () => {
    for await (const { number } of commits.follow('home', after, stop.signal)) numbers.push(number)
  })()
  return {
    numbers,
    async leave() {
      stop.abort()
      await over
    },
  }
}
const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n + 1)

describe('the commits of a tenant', () => {
  it('are read once for all who follow, and no more when the last has gone', async () => {
    const { tables, opened, commit } = store()
    const commits = createCommits({ tables, pause })
    const followers = [hear(commits, 0), hear(commits, 0), hear(commits, 0)]
    commit(5)
    for (const { numbers } of followers) await vi.waitFor(() => expect(numbers).toEqual(upTo(0, 5)))
    expect(opened).toEqual([0])
    for (const follower of followers) await follower.leave()
    const next = hear(commits, 5)
    commit(1)
    await vi.waitFor(() => expect(next.numbers).toEqual([6]))
    expect(opened).toEqual([0, 5])
    await next.leave()
  })

  it('come to a follower who is far behind without a gap', async () => {
    const { tables, commit } = store()
    const commits = createCommits({ tables, pause })
    const first = hear(commits, 0)
    commit(1_000)
    await vi.waitFor(() => expect(first.numbers).toHaveLength(1_000))
    const late = hear(commits, 10)
    await vi.waitFor(() => expect(late.numbers).toHaveLength(990))
    commit(3)
    await vi.waitFor(() => expect(late.numbers).toEqual(upTo(10, 1_003)))
    await first.leave()
    await late.leave()
  })

  it('go on where they were when the store was away', async () => {
    const { tables, commit, breakOff } = store()
    const commits = createCommits({ tables, pause: (_ms, signal) => pause(5, signal) })
    const follower = hear(commits, 0)
    commit(2)
    await vi.waitFor(() => expect(follower.numbers).toHaveLength(2))
    breakOff(true)
    commit(2)
    await sleep(20)
    breakOff(false)
    await vi.waitFor(() => expect(follower.numbers).toEqual([1, 2, 3, 4]))
    await follower.leave()
  })

  it('are looked for at once when somebody knows of one that was not heard of', async () => {
    const { tables, commit } = store(60_000)
    const commits = createCommits({ tables, pause })
    const follower = hear(commits, 0)
    await sleep(5)
    commit(1)
    await commits.hurry('home', 1, AbortSignal.timeout(10_000))
    await vi.waitFor(() => expect(follower.numbers).toEqual([1]))
    await follower.leave()
  })
})
