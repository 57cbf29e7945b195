import type { FeedEvent, GapReason, Hub } from './feed.ts'

/** What tells one reader of its topics, each by its place among them. */
export interface TopicWriter {
  snapshot(topic: number, event: FeedEvent): void
  delta(topic: number, event: FeedEvent): void
  /** A further snapshot of a topic whose events are whole; like a delta it waits for nobody who is slow. */
  whole(topic: number, event: FeedEvent): void
  gap(topic: number, from: number | null, to: number, reason: GapReason): void
  /** Where a resumed topic stands, so that ids of other topics carry it. */
  resumed(topic: number, position: number): void
  /** What brings a topic back once its reader has taken what was unsent. */
  recover(topic: number, again: () => Promise<void>): void
}

/** Where a reader goes on: behind a position, from now (null), or where nobody knows. */
export type From = number | null | 'unknown'

/**
 * Seats a reader at a topic: brings it up to date, then goes on with what comes. Nothing is said twice, nothing is left
 * out. Of a topic whose events are whole the present is all there is to bring up to date.
 */
export async function beginTopic(needs: {
  readonly writer: TopicWriter
  /** The topic's place among those of its reader. */
  readonly index: number
  readonly hub: Hub
  readonly whole: boolean
  readonly from: From
  /** Whether the reader has gone meanwhile. */
  readonly gone: () => boolean
  /** What is to be done when the reader leaves. */
  readonly leaving: (() => void)[]
}): Promise<void> {
  const { writer, index, hub, whole, from } = needs
  const early: FeedEvent[] = []
  let live = false
  let said = -1
  let last: FeedEvent | null = null

  const say = (event: FeedEvent) => {
    if (!live) early.push(event)
    else if (whole) {
      // A run that failed and one that did not may stand at the same commit.
      if (event.position < said || event === last) return
      said = event.position
      last = event
      writer.whole(index, event)
    } else if (event.position > said) {
      if (event.gap !== undefined) {
        writer.gap(index, said, event.position, event.gap)
        begin(event)
        return
      }
      said = event.position
      writer.delta(index, event)
    }
  }

  const seat = await hub.join(say)
  // Who has gone meanwhile is not there to leave later.
  if (needs.gone()) return seat.leave()
  needs.leaving.push(() => seat.leave())
  writer.recover(index, rejoin)
  const followed = await sinceThen()
  if (typeof from === 'number' && Array.isArray(followed)) {
    said = from
    writer.resumed(index, said)
    early.unshift(...followed)
  } else {
    const snapshot = await hub.snapshot(seat.position)
    if (typeof followed === 'string')
      writer.gap(index, typeof from === 'number' ? from : null, snapshot.position, followed)
    begin(snapshot)
  }
  goLive()

  async function sinceThen() {
    if (whole || from === null) return null
    return from === 'unknown' ? from : hub.since(from, Math.max(seat.position, 0))
  }

  function begin(snapshot: FeedEvent): void {
    said = Math.max(said, snapshot.position)
    last = snapshot
    writer.snapshot(index, snapshot)
  }

  function goLive(): void {
    live = true
    const waiting = early.splice(0)
    // What came before a whole event is not what comes next.
    for (const event of whole && last !== null ? waiting.slice(waiting.indexOf(last) + 1) : waiting)
      say(event)
  }

  /** After a slow reader's queue was dropped: a snapshot of how things stand now. */
  async function rejoin(): Promise<void> {
    live = false
    const snapshot = await hub.snapshot(Math.max(said, 0))
    writer.gap(index, null, snapshot.position, 'slow')
    begin(snapshot)
    goLive()
  }
}
