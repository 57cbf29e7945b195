import { codes, fault } from '@quarterdeck/sdk/errors'
import type { FeedEvent } from '../../../core/feed.ts'
import type { Tables } from '../../../ports/tables.ts'
import type { Permissions, Permitted } from '../rights/permitted.ts'
import type { Answer, ReadNotes } from '../runner.ts'
import type { Commits } from './commits.ts'
import { createLiveNotes, type LiveNotes } from './live-notes.ts'
import { type LiveResult, problemResultOf, resultOf } from './live-result.ts'
import type { ReadPairs } from './row-pairs.ts'

/** How long a joining reader waits for what was committed before it came, ms. */
const longestWait = 5_000

/** An event with what tells equal results. */
export interface LiveEvent {
  readonly event: FeedEvent
  readonly digest: string
}

/** A live query as it runs for all its readers. */
export interface LiveRun {
  /** How things stand at a commit or later; null once it has ended. Rejects when the store does not come that far. */
  present(at: number): Promise<LiveEvent | null>
  /** How things stand, then each change, until aborted or ended; who is slow is told only of the newest. */
  events(signal: AbortSignal): AsyncIterable<LiveEvent>
  stop(): void
}

/**
 * Runs a live query and again after each commit that touches what it read. It ends by itself when it was to be shared and
 * a run turned out to be of its principal alone; that run's result is nobody's.
 */
export function createLiveRun(needs: {
  readonly tenant: string
  readonly look: (
    notes: ReadNotes,
    signal: AbortSignal,
  ) => Promise<{ readonly answer: Answer; readonly number: number }>
  readonly tables: Pick<Tables, 'meets'>
  readonly commits: Commits
  readonly readPairs: ReadPairs
  readonly permitted: Permitted
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** Absent: it runs for one principal. */
  readonly turnedPersonal?: () => void
  readonly failed: (error: unknown) => void
}): LiveRun {
  const { tenant, commits, permitted } = needs
  const stop = new AbortController()
  const { signal } = stop
  const sleepers = new Set<() => void>()
  let ended = false
  /** All commits up to here are in what was said. */
  let seen = -1
  let said: LiveEvent | null = null
  /** Of the last run; after one that failed, of the last that did not, too. */
  let noted: readonly LiveNotes[] = []
  let failing = false

  function wake(): void {
    for (const go of [...sleepers]) go()
  }

  /** Resolves at the next step, or when aborted. */
  function sleep(until: AbortSignal): Promise<void> {
    if (until.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const go = () => {
        sleepers.delete(go)
        until.removeEventListener('abort', go)
        resolve()
      }
      sleepers.add(go)
      until.addEventListener('abort', go, { once: true })
    })
  }

  function end(): void {
    ended = true
    stop.abort()
    wake()
  }

  /** The position never falls: a snapshot of before is no answer, wherever it was read. */
  async function lookFrom(floor: number, mine: LiveNotes) {
    for (;;) {
      const looked = await needs.look(mine, signal)
      if (looked.number >= floor || signal.aborted) return looked
      await needs.pause(50, signal)
    }
  }

  /** One run, whose snapshot holds at least the commits up to `floor`. */
  async function attempt(floor: number): Promise<LiveResult | null> {
    const mine = createLiveNotes(needs)
    let result: LiveResult
    let number = floor
    try {
      const looked = await lookFrom(floor, mine)
      number = looked.number
      result = resultOf(looked.answer)
    } catch (error) {
      if (!signal.aborted) needs.failed(error)
      result = problemResultOf(error)
    }
    if (signal.aborted) return null
    if (mine.isPersonal() && needs.turnedPersonal !== undefined) {
      needs.turnedPersonal()
      end()
      return null
    }
    noted = result.code === null ? [mine] : [...noted.slice(0, 1), mine]
    failing = result.code !== null
    seen = Math.max(seen, floor, number)
    if (said?.digest !== result.digest)
      said = { event: { position: seen, data: result.data }, digest: result.digest }
    wake()
    return result
  }

  /** Runs, and again after a while as long as only something that passes stands in the way. */
  async function run(floor: number): Promise<void> {
    for (let wait = 500; !signal.aborted; wait = Math.min(wait * 2, 15_000)) {
      const result = await attempt(Math.max(floor, seen))
      if (result === null || result.code === null || !passes(result)) return
      await needs.pause(wait, signal)
    }
  }

  async function isConcerned(commit: Parameters<LiveNotes['isTouchedBy']>[0]): Promise<boolean> {
    try {
      if (commit.touched.length === 0) return await isRestricted()
      for (const notes of noted) if (await notes.isTouchedBy(commit)) return true
      return false
    } catch {
      // What cannot be told is looked at.
      return true
    }
  }

  let permissions: Permissions = new Map()

  /** Whether tables that it read permit something else than before: a commit that touches no row may have said so. */
  async function isRestricted(): Promise<boolean> {
    const before = permissions
    permissions = await permitted.read(tenant)
    const read = noted.flatMap((notes) => [...notes.tables()])
    const names = failing ? [...before.keys(), ...permissions.keys()] : read
    return names.some((name) => before.get(name) !== permissions.get(name))
  }

  async function work(): Promise<void> {
    const from = await commits.head(tenant)
    permissions = await permitted.read(tenant)
    await run(from)
    for await (const commit of commits.follow(tenant, from, signal)) {
      if (commit.number <= seen) continue
      if (await isConcerned(commit)) await run(commit.number)
      else {
        seen = commit.number
        if (sleepers.size > 0) wake()
      }
    }
  }

  /** Waits for what was committed up to a number, but not for long. */
  async function reach(number: number): Promise<void> {
    const over = new AbortController()
    const until = AbortSignal.any([signal, over.signal])
    void needs.pause(longestWait, until).then(() => over.abort())
    void commits.hurry(tenant, number, until)
    while (seen < number && !until.aborted) await sleep(until)
    over.abort()
  }

  async function begin(): Promise<void> {
    while (!signal.aborted) {
      try {
        await work()
      } catch (error) {
        needs.failed(error)
      }
      if (!signal.aborted) await needs.pause(500, signal)
    }
  }

  void begin()
  return {
    async present(at) {
      // The first run may take as long as its function may.
      while (said === null && !signal.aborted) await sleep(signal)
      if (seen < at) await reach(at)
      if (ended || signal.aborted) return null
      if (said === null || seen < at) throw fault('dependency_unavailable')
      // Nothing has changed up to here.
      if (said.event.position < seen)
        said = { digest: said.digest, event: { position: seen, data: said.event.data } }
      return said
    },
    async *events(until) {
      let last: string | null = null
      const either = AbortSignal.any([signal, until])
      while (!either.aborted) {
        if (said !== null && said.digest !== last) {
          last = said.digest
          yield said
        } else await sleep(either)
      }
    },
    stop: end,
  }
}

/** Whether a failure may be over by itself. */
function passes({ code }: LiveResult): boolean {
  return code !== null && [503, 504].includes(codes[code][0])
}
