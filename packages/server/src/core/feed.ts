import type { Actor } from '@quarterdeck/sdk/actor'

/** Why a reader cannot be brought up to date from where it was. */
export type GapReason = 'slow' | 'pruned' | 'too_far' | 'unknown'

/** Something that a topic says; all up to `position` has been said with it. */
export interface FeedEvent {
  readonly position: number
  readonly data: Readonly<Record<string, unknown>>
  /** What led here cannot be said: the event is how things stand, as on joining. */
  readonly gap?: GapReason
}

/** What a feature offers for a topic. Every tenant has its own. */
export interface FeedSource {
  /** The position that following can begin behind. */
  head(tenant: string): Promise<number>
  /** How things stand, at `at` or, if nothing is said twice by that, later. */
  snapshot(tenant: string, at: number): Promise<FeedEvent>
  /** What followed a position up to another one, or why that cannot be said. */
  since(tenant: string, after: number, upTo: number): Promise<readonly FeedEvent[] | GapReason>
  /** Everything behind a position as it comes, in order, until aborted. */
  follow(tenant: string, after: number, signal: AbortSignal): AsyncIterable<FeedEvent>
}

/** A topic with a name in it, such as `functions.change/tickets`, as one reader asked for it. */
export interface NamedTopic {
  /** What stands for the `:name` of the pattern. */
  readonly name: string
  /** What stands behind the topic's `?`. */
  readonly query: URLSearchParams
}

/** A named topic, opened for one reader. */
export interface OpenedFeed {
  /** Readers of one tenant with equal keys are told the same, and share what it takes. */
  readonly key: string
  readonly source: FeedSource
  /** It begins with the present at every join, and each event is whole: nothing is resumed. */
  readonly whole: boolean
  /** Whether this actor may go on reading; asked again and again while the stream is open. */
  may(actor: Actor): boolean
}

/** What a feature offers for a pattern of topics. Throws `not_found`, `unauthenticated`, `forbidden` or `invalid`. */
export type OpenFeed = (actor: Actor, topic: NamedTopic) => Promise<OpenedFeed>

/** A reader's place in a topic: told everything behind `position`, in order. */
export interface Seat {
  /** The hub's position when the reader sat down; what comes later is handed to it. */
  readonly position: number
  leave(): void
}

/** One topic of one tenant, read once for all its readers in this process. */
export interface Hub {
  join(onEvent: (event: FeedEvent) => void): Promise<Seat>
  /** A snapshot that readers who come at the same moment share. */
  snapshot(at: number): Promise<FeedEvent>
  since(after: number, upTo: number): Promise<readonly FeedEvent[] | GapReason>
  /** Whether nobody sits at it or is about to: it can be forgotten. */
  idle(): boolean
}

/** Makes a hub. It follows its source while somebody is there, and begins again where it was when that breaks off. */
export function createHub(needs: {
  readonly source: FeedSource
  readonly tenant: string
  readonly now: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** Of a topic whose events are whole: each who joins is told how things stand right then. */
  readonly whole?: boolean
}): Hub {
  const { source, tenant, now } = needs
  const readers = new Set<(event: FeedEvent) => void>()
  let joining = 0
  let running: { position: number; ready: Promise<void>; stop: AbortController } | null = null
  let shared: { at: number; made: number; event: Promise<FeedEvent> } | null = null

  function run() {
    const stop = new AbortController()
    const mine = { position: 0, stop, ready: Promise.resolve() }
    mine.ready = source.head(tenant).then((head) => {
      mine.position = head
      void follow(mine)
    })
    return mine
  }

  async function follow(mine: NonNullable<typeof running>): Promise<void> {
    while (!mine.stop.signal.aborted) {
      try {
        for await (const event of source.follow(tenant, mine.position, mine.stop.signal)) {
          mine.position = event.position
          for (const reader of readers) reader(event)
        }
      } catch {
        // It begins again where it was.
      }
      if (!mine.stop.signal.aborted) await needs.pause(500, mine.stop.signal)
    }
  }

  return {
    async join(onEvent) {
      running ??= run()
      const mine = running
      joining += 1
      try {
        await mine.ready
      } catch (error) {
        if (running === mine) running = null
        throw error
      } finally {
        joining -= 1
      }
      readers.add(onEvent)
      return {
        position: mine.position,
        leave() {
          readers.delete(onEvent)
          if (readers.size > 0 || joining > 0 || running !== mine) return
          mine.stop.abort()
          running = null
        },
      }
    },
    snapshot(at) {
      if (needs.whole === true) return source.snapshot(tenant, at)
      if (shared !== null && shared.at === at && now() - shared.made < 1_000) return shared.event
      const event = source.snapshot(tenant, at)
      const mine = { at, made: now(), event }
      shared = mine
      event.catch(() => {
        if (shared === mine) shared = null
      })
      return event
    },
    since: (after, upTo) => source.since(tenant, after, upTo),
    idle: () => readers.size === 0 && joining === 0,
  }
}
