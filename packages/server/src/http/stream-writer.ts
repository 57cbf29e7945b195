import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import type { TopicWriter } from '../core/begin-topic.ts'
import type { FeedEvent, GapReason } from '../core/feed.ts'
import { isSameCursor, type StreamCursor, writeStreamCursor } from './stream-cursor.ts'

const maxUnsent = 1_048_576
const stuckMs = 30_000

/** Writes one reader's events, and holds at most 1 MiB that the reader has not taken. */
export interface StreamWriter extends TopicWriter {
  bye(reason: 'revoked' | 'drain' | 'slow'): void
  /** To be called every second or so: beats when it is time, and ends the stream of a reader who took nothing for 30 s. */
  tend(at: number): void
  close(): void
  readonly closed: Promise<void>
}

/**
 * An event’s bytes are made once for all readers that stand at the same place, which most of them do, and asked for the
 * topic in the same words.
 */
interface Encoded {
  /** What follows the topic. */
  readonly rest: string
  readonly topic: string
  readonly cursor: StreamCursor
  readonly frame: Buffer
}
const encoded = new WeakMap<FeedEvent, Encoded>()

function frameOf(kind: 'snapshot' | 'delta', topic: string, event: FeedEvent, cursor: StreamCursor): Buffer {
  const made = encoded.get(event)
  if (made !== undefined && made.topic === topic && isSameCursor(made.cursor, cursor)) return made.frame
  // An event is either a snapshot or a delta.
  const rest = made?.rest ?? JSON.stringify({ position: event.position, ...event.data }).slice(1)
  const head = `id: ${writeStreamCursor(cursor)}\nevent: ${kind}\ndata: {"topic":${JSON.stringify(topic)},`
  const frame = Buffer.from(`${head}${rest}\n\n`)
  encoded.set(event, { rest, topic, cursor: [...cursor], frame })
  return frame
}

/** Makes the writer of one stream; its head has been sent. */
export function createStreamWriter(needs: {
  readonly outgoing: ServerResponse
  readonly topics: readonly {
    /** As its reader asked for it. */
    readonly topic: string
    /** As metrics name it. */
    readonly label: string
  }[]
  readonly now: () => number
  readonly heartbeatMs: number
  readonly gapped: (label: string, reason: GapReason) => void
}): StreamWriter {
  const { outgoing, topics, now } = needs
  const cursor: (number | null)[] = topics.map(() => null)
  const dropped = new Set<number>()
  const recoveries = new Map<number, () => Promise<void>>()
  // Past the head, frames go to the socket as they are: the response would only add its bookkeeping to each. A response
  // that waits behind another one of its connection has no socket yet, and takes them itself.
  outgoing.flushHeaders()
  const sink: Writable = outgoing.socket ?? outgoing
  let ended = false
  let progress = now()
  let beaten = progress
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
  sink.on('drain', recoverAll)

  function recoverAll(): void {
    progress = now()
    const back = [...dropped]
    dropped.clear()
    for (const topic of back) void recoveries.get(topic)?.().catch(close)
  }

  function write(bytes: Buffer | string): void {
    if (ended) return
    sink.write(bytes)
    note(sink.writableLength)
  }

  /** Notes what the reader has not taken yet; only one who leaves something lying must show that it goes on. */
  function note(waiting: number): void {
    if (waiting < unsent || (waiting > 0 && unsent === 0)) progress = now()
    unsent = waiting
  }

  function say(
    topic: number,
    kind: 'snapshot' | 'delta',
    event: FeedEvent,
    waits = kind === 'snapshot',
  ): void {
    if (dropped.size > 0 && dropped.has(topic)) return
    const before = cursor[topic] ?? null
    cursor[topic] = event.position
    const frame = frameOf(kind, topics[topic]?.topic ?? '', event, cursor)
    // What does not fit is not queued: the reader gets a gap and a snapshot when it has caught up.
    if (!waits && unsent > 0) {
      unsent = sink.writableLength
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
    whole: (topic, event) => say(topic, 'snapshot', event, false),
    gap(index, from, to, reason) {
      const { topic = '', label = '' } = topics[index] ?? {}
      needs.gapped(label, reason)
      write(`event: gap\ndata: ${JSON.stringify({ topic, from, to, reason })}\n\n`)
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
    tend(at) {
      if (at - beaten >= needs.heartbeatMs) {
        beaten = at
        write(': hb\n\n')
      }
      const waiting = sink.writableLength
      if (waiting === 0 || waiting < unsent) progress = at
      unsent = waiting
      // A short queue empties without saying so.
      if (waiting === 0 && dropped.size > 0) recoverAll()
      if (at - progress < stuckMs) return
      write(`event: bye\ndata: ${JSON.stringify({ reason: 'slow' })}\n\n`)
      ended = true
      outgoing.destroy()
    },
    close,
    closed,
  }
}
