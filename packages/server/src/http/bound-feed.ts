import type { FeedSource, OpenFeed } from '../core/feed.ts'

/** A topic that is as its name says, with what feeds it. */
export interface PlainFeed {
  readonly topic: string
  readonly permission: string
  readonly source: FeedSource
}

/** A pattern of topics such as `functions.change/:table`, with what opens one of them. */
export interface NamedFeed {
  readonly topic: string
  /** With `public`, who may read is said by what opens it, also of callers without a credential. */
  readonly permission: string
  readonly open: OpenFeed
}

/** What the live feed can be asked for. */
export type BoundFeed = PlainFeed | NamedFeed
