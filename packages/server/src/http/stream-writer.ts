import type { ServerResponse } from 'node:http'
import type { FeedEvent, GapReason } from '../core/feed.ts'
import { writeStreamCursor } from './stream-cursor.ts'

const maxUnsent = 1_048_576
const stuckMs = 30_000

/** Writes one reader's events, and holds at most 1 MiB that the reader has not taken. */
export interface StreamWriter {
  snapshot(topic: number, event: FeedEvent): void
  delta(topic: number, event: FeedEvent): void
  gap(topic: number, from: number | null, to: number, reason: GapReason): void
  /** Where a resumed topic stands, so that ids of other topics carry it. */
  resumed(topic: number, position: number): void
  /** What brings a topic back once its reader has taken what was unsent. */
  recover(topic: number, again: () => Promise<void>): void
  bye(reason: 'revoked' | 'drain' | 'slow'): void
  beat(): void
  /** Ends the stream of a reader who has taken nothing for 30 s. */
  checkProgress(): void
  close(): void
  readonly closed: Promise<void>
}

/** An event's text is made once, however many readers it has; only its id is each reader's own. */
const texts = new WeakMap<FeedEvent, Map<string, string>>()

function textOf(kind: 'snapshot' | 'delta', topic: string, event: FeedEvent): string {
  let kinds = texts.get(event)
  if (kinds === undefined) {
    kinds = new Map()
    texts.set(event, kinds)
  }
  let text = kinds.get(kind)
  if (text === undefined) {
    text = `event: ${kind}\ndata: ${JSON.stringify({ topic, position: event.position, ...event.data })}\n\n`
    kinds.set(kind, text)
  }
  return text
}

/** Makes the writer of one stream; its head has been sent. */
export function createStreamWriter(needs: {
  readonly outgoing: ServerResponse
  readonly topics: readonly string[]
  readonly now: () => number
  readonly gapped: (topic: string, reason: GapReason) => void
}): StreamWriter {
  const { outgoing, topics, now } = needs
  const cursor: (number | null)[] = topics.map(() => null)
  const dropped = new Set<number>()
  const recoveries = new Map<number, () => Promise<void>>()
  let ended = false
  let progress = now()
  let unsent = 0

  const closed = new Promise<void>((resolve) => {
    outgoing.once('close', () => {
      ended = true
      resolve()
    })
  })
  outgoing.on('drain', recoverAll)

  function recoverAll(): void {
    progress = now()
    const back = [...dropped]
    dropped.clear()
    for (const topic of back) void recoveries.get(topic)?.().catch(close)
  }

  function write(text: string): void {
    if (ended) return
    outgoing.write(text)
    const waiting = outgoing.writableLength
    if (waiting === 0 || waiting < unsent) progress = now()
    unsent = waiting
  }

  function say(topic: number, kind: 'snapshot' | 'delta', event: FeedEvent): void {
    if (dropped.has(topic)) return
    const text = textOf(kind, topics[topic] ?? '', event)
    // What does not fit is not queued: the reader gets a gap and a snapshot when it has caught up.
    const waiting = outgoing.writableLength
    if (kind === 'delta' && waiting > 0 && waiting + text.length > maxUnsent) {
      dropped.add(topic)
      return
    }
    cursor[topic] = event.position
    write(`id: ${writeStreamCursor(cursor)}\n${text}`)
  }

  function close(): void {
    ended = true
    outgoing.end()
  }

  write('retry: 2000\n\n')
  return {
    snapshot: (topic, event) => say(topic, 'snapshot', event),
    delta: (topic, event) => say(topic, 'delta', event),
    gap(topic, from, to, reason) {
      needs.gapped(topics[topic] ?? '', reason)
      write(`event: gap\ndata: ${JSON.stringify({ topic: topics[topic], from, to, reason })}\n\n`)
    },
    resumed(topic, position) {
      cursor[topic] = position
    },
    recover: (topic, again) => void recoveries.set(topic, again),
    bye(reason) {
      // Readers that must come back spread themselves over a few seconds.
      const retry = reason === 'drain' ? `retry: ${1_000 + Math.floor(Math.random() * 4_000)}\n` : ''
      write(`${retry}event: bye\ndata: ${JSON.stringify({ reason })}\n\n`)
      close()
    },
    beat: () => write(': hb\n\n'),
    checkProgress() {
      const waiting = outgoing.writableLength
      if (waiting === 0 || waiting < unsent) progress = now()
      unsent = waiting
      // A short queue empties without saying so.
      if (waiting === 0 && dropped.size > 0) recoverAll()
      if (now() - progress < stuckMs) return
      write(`event: bye\ndata: ${JSON.stringify({ reason: 'slow' })}\n\n`)
      ended = true
      outgoing.destroy()
    },
    close,
    closed,
  }
}
