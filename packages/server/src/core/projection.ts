import type { Log, Stored } from '../ports/log.ts'
import { type CheckpointSaver, sparingSaver, steadySaver } from './checkpoint-saver.ts'

/** A pure fold over a log: thrown away and rebuilt at will. */
export interface Fold<State, Change> {
  readonly name: string
  /** Changes with the code of the fold; states saved by other code are not used. */
  readonly source: string
  empty(): State
  /** Takes in one entry, in place; answers what it touched. */
  apply(state: State, entry: Stored): readonly Change[]
  save(state: State): string
  load(text: string): State
}

/** The state of one tenant as of a position. */
export interface Folded<State> {
  readonly state: State
  readonly position: number
  /** When the last entry was received, Unix ms; null before any. */
  readonly receivedAt: number | null
}

/** What one batch of entries changed. */
export interface Moved<State, Change> {
  /** The state as it is now; it goes on changing after the listener returns. */
  readonly state: State
  readonly from: number
  readonly position: number
  readonly changes: readonly Change[]
}

export interface Projection<State, Change> {
  /** The live state, caught up to the head as it was when asked for the first time. Do not change it. */
  live(tenant: string): Promise<Folded<State>>
  /** Waits until the live state has reached a position, at most `ms`; false if it has not. */
  reached(tenant: string, position: number, ms: number): Promise<boolean>
  /** The state as of a past position, folded on from the nearest save. */
  at(tenant: string, position: number): Promise<Folded<State>>
  /** Calls back after each batch, once it is in the live state; begins behind `position`. The tenant must be live. */
  subscribe(
    tenant: string,
    listener: (moved: Moved<State, Change>) => void,
  ): { readonly position: number; stop(): void }
  /** Everything touched between two positions. */
  changesBetween(tenant: string, from: number, to: number): Promise<readonly Change[]>
  /** Tenants whose live state is behind the log by more than nothing, for `/readyz`; throws when a fold failed. */
  catchingUp(): boolean
  failure(): Error | null
  /** The greatest lag of a live state, in positions. */
  lag(): Promise<number>
  stop(): Promise<void>
}

const batch = 1_000

/** Keeps a fold running over a log, saves it every `every` positions or more rarely, and folds the past on demand. */
export function createProjection<State, Change>(needs: {
  readonly log: Log
  readonly fold: Fold<State, Change>
  readonly every?: number
  readonly now: () => number
  /** Waits before a follower that broke off tries again. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}): Projection<State, Change> {
  const { log, fold, every = 25_000 } = needs
  type Live = {
    state: State
    position: number
    receivedAt: number | null
    ready: Promise<void>
    caughtUp: boolean
    failed: Error | null
    listeners: Set<(moved: Moved<State, Change>) => void>
    waiters: Set<() => void>
  }
  const lives = new Map<string, Live>()
  const stop = new AbortController()
  const running = new Set<Promise<void>>()

  const steady = steadySaver(every)

  async function start(tenant: string, upTo: number) {
    const saved = await log.loadCheckpoint(tenant, fold.name, fold.source, upTo)
    const receivedAt =
      saved === null ? null : ((await log.read(tenant, saved.position - 1, 1))[0]?.receivedAt ?? null)
    return {
      state: saved === null ? fold.empty() : fold.load(saved.state),
      position: saved?.position ?? 0,
      receivedAt,
    }
  }

  const save = (tenant: string, { position, state }: Pick<Live, 'state' | 'position'>) =>
    log.saveCheckpoint(tenant, fold.name, fold.source, { position, state: fold.save(state) })

  /** Takes entries in. When it breaks off, `changes` holds what was touched up to the position of the state. */
  async function take(
    tenant: string,
    live: Pick<Live, 'state' | 'position' | 'receivedAt'>,
    entries: readonly Stored[],
    saver: CheckpointSaver,
    changes: Change[] = [],
  ): Promise<void> {
    for (const entry of entries) {
      const before = live.position
      for (const change of fold.apply(live.state, entry)) changes.push(change)
      live.position = entry.position
      live.receivedAt = entry.receivedAt
      if (saver.due(before, entry.position)) await saver.run(() => save(tenant, live))
    }
  }

  function begin(tenant: string): Live {
    const live: Live = {
      state: fold.empty(),
      position: 0,
      receivedAt: null,
      ready: Promise.resolve(),
      caughtUp: false,
      failed: null,
      listeners: new Set(),
      waiters: new Set(),
    }
    lives.set(tenant, live)
    const caughtUp = catchUp(tenant, live)
    live.ready = caughtUp.then(() => undefined)
    caughtUp.then(
      (behind) => {
        const following = saveOnce(tenant, live, behind).then(() => keepFollowing(tenant, live))
        running.add(following)
        void following.finally(() => running.delete(following))
      },
      () => lives.delete(tenant),
    )
    return live
  }

  /** Batches up to a position; while one is folded the next is read. */
  async function* readAhead(tenant: string, after: number, upTo: number): AsyncGenerator<readonly Stored[]> {
    let next = after < upTo ? log.read(tenant, after, batch, upTo) : null
    while (next !== null) {
      const entries: readonly Stored[] = await next
      const last = entries.at(-1)
      if (last === undefined) return
      next = last.position < upTo ? log.read(tenant, last.position, batch, upTo) : null
      // A read that fails is thrown when its turn comes.
      next?.catch(() => undefined)
      // Folding a batch holds the thread: what asks for the next has to leave before that.
      if (next !== null) await new Promise((resolve) => setImmediate(resolve))
      yield entries
    }
  }

  /** Answers whether a save was left out on the way. */
  async function catchUp(tenant: string, live: Live): Promise<boolean> {
    const head = await log.head(tenant)
    Object.assign(live, await start(tenant, head))
    const sparing = sparingSaver(every, needs.now)
    for await (const entries of readAhead(tenant, live.position, head))
      await take(tenant, live, entries, sparing)
    live.caughtUp = true
    return sparing.behind()
  }

  /** So that the next start goes on from here, not from the last save that was cheap enough; nobody waits for it. */
  async function saveOnce(tenant: string, live: Live, behind: boolean): Promise<void> {
    if (behind) await save(tenant, live).catch(() => undefined)
  }

  async function keepFollowing(tenant: string, live: Live): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        // A log that answers and holds nothing new has healed; nobody need write for that to show.
        if (live.failed !== null && (await log.read(tenant, live.position, 1)).length === 0)
          live.failed = null
        for await (const entries of log.follow(tenant, live.position, stop.signal)) {
          await takeAndTell(tenant, live, entries)
          live.failed = null
        }
        // Following ends by itself only when the log is closed.
        if (!stop.signal.aborted) await needs.pause(500, stop.signal)
      } catch (error) {
        // The state is kept; the follower begins again behind what it holds.
        live.failed = error instanceof Error ? error : new Error('a fold failed')
        await needs.pause(500, stop.signal)
      }
    }
  }

  /** What a batch that broke off has changed is told too: nobody would say it again. */
  async function takeAndTell(tenant: string, live: Live, entries: readonly Stored[]): Promise<void> {
    const from = live.position
    const changes: Change[] = []
    try {
      await take(tenant, live, entries, steady, changes)
    } finally {
      const { state, position } = live
      if (position > from) for (const listener of live.listeners) listener({ state, from, position, changes })
      for (const go of [...live.waiters]) go()
    }
  }

  const liveOf = (tenant: string) => lives.get(tenant) ?? begin(tenant)

  async function foldTo(tenant: string, position: number): Promise<Folded<State>> {
    const folded = await start(tenant, position)
    const sparing = sparingSaver(every, needs.now)
    for await (const entries of readAhead(tenant, folded.position, position))
      await take(tenant, folded, entries, sparing)
    return { state: folded.state, position, receivedAt: folded.receivedAt }
  }

  return {
    async live(tenant) {
      const live = liveOf(tenant)
      await live.ready
      return live
    },
    async reached(tenant, position, ms) {
      const live = liveOf(tenant)
      await live.ready
      if (live.position >= position) return true
      const signal = AbortSignal.any([AbortSignal.timeout(ms), stop.signal])
      while (live.position < position && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const go = () => {
            live.waiters.delete(go)
            signal.removeEventListener('abort', go)
            resolve()
          }
          live.waiters.add(go)
          signal.addEventListener('abort', go, { once: true })
        })
      }
      return live.position >= position
    },
    at: foldTo,
    subscribe(tenant, listener) {
      const live = liveOf(tenant)
      live.listeners.add(listener)
      return { position: live.position, stop: () => void live.listeners.delete(listener) }
    },
    async changesBetween(tenant, from, to) {
      const { state } = await foldTo(tenant, from)
      const changes: Change[] = []
      for await (const entries of readAhead(tenant, from, to)) {
        for (const entry of entries) for (const change of fold.apply(state, entry)) changes.push(change)
      }
      return changes
    },
    catchingUp: () => [...lives.values()].some((live) => !live.caughtUp),
    failure: () => [...lives.values()].find((live) => live.failed !== null)?.failed ?? null,
    async lag() {
      let lag = 0
      for (const [tenant, live] of lives) lag = Math.max(lag, (await log.head(tenant)) - live.position)
      return lag
    },
    async stop() {
      stop.abort()
      await Promise.all(running)
    },
  }
}
