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

/** An event's bytes are made once for all readers that stand at the same place, which most of them do. */
interface Encoded {
  readonly text: string
  id: string
  frame: Buffer
}
const encoded = new WeakMap<FeedEvent, Map<string, Encoded>>()

function frameOf(kind: 'snapshot' | 'delta', topic: string, event: FeedEvent, id: string): Buffer {
  let kinds = encoded.get(event)
  if (kinds === undefined) {
    kinds = new Map()
    encoded.set(event, kinds)
  }
  let made = kinds.get(kind)
  if (made === undefined) {
    const text = `event: ${kind}\ndata: ${JSON.stringify({ topic, position: event.position, ...event.data })}\n\n`
    made = { text, id, frame: Buffer.from(`id: ${id}\n${text}`) }
    kinds.set(kind, made)
  } else if (made.id !== id) {
    made.id = id
    made.frame = Buffer.from(`id: ${id}\n${made.text}`)
  }
  return made.frame
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
    const close = () => {
      ended = true
      resolve()
    }
    // A reader may have gone before anything was written; that is told only once.
    if (outgoing.destroyed) close()
    else outgoing.once('close', close)
  })
  outgoing.on('drain', recoverAll)

  function recoverAll(): void {
    progress = now()
    const back = [...dropped]
    dropped.clear()
    for (const topic of back) void recoveries.get(topic)?.().catch(close)
  }

  function write(bytes: Buffer | string): void {
    if (ended) return
    outgoing.write(bytes)
    const waiting = outgoing.writableLength
    if (waiting === 0 || waiting < unsent) progress = now()
    unsent = waiting
  }

  function say(topic: number, kind: 'snapshot' | 'delta', event: FeedEvent): void {
    if (dropped.has(topic)) return
    const before = cursor[topic] ?? null
    cursor[topic] = event.position
    const frame = frameOf(kind, topics[topic] ?? '', event, writeStreamCursor(cursor))
    // What does not fit is not queued: the reader gets a gap and a snapshot when it has caught up.
    if (kind === 'delta' && unsent > 0) {
      unsent = outgoing.writableLength
      if (unsent > 0 && unsent + frame.length > maxUnsent) {
        cursor[topic] = before
        dropped.add(topic)
        return
      }
    }
    write(frame)
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
