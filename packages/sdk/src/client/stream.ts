import { Fault } from '../errors.ts'
import { createSseParser, type SseFrame } from '../sse.ts'
import { backoff } from './backoff.ts'
import { type Connection, headersOf, reach } from './call.ts'
import { faultOf } from './fault-of.ts'
import type { Pause } from './pause.ts'
import { createStatusKeeper } from './status-keeper.ts'
import type { AskedTopic, StreamEvent, StreamStatus } from './stream-event.ts'

export interface StreamOptions<T extends AskedTopic> {
  /** The id of the last event seen in another life; absent: begin with a snapshot. */
  readonly after?: string
  readonly signal?: AbortSignal
  readonly onEvent: (event: StreamEvent<T>) => void
  readonly onStatus?: (status: StreamStatus) => void
  /** Called once. Null: closed from here. Else the refusal that no reconnecting would change. */
  readonly onEnd?: (fault: Fault | null) => void
}

export interface Stream {
  /** The id to resume after, once there is one. */
  readonly lastEventId: string | undefined
  readonly close: () => void
  /** Resolves when it has ended, however it did. */
  readonly ended: Promise<void>
}

const longestWait = 30_000
/** The server sends a comment each 15 s; three missed ones are a dead connection. */
const silence = 45_000
const retryable = new Set([408, 425, 429, 500, 502, 503, 504])

/** Follows topics of the live feed and comes back after each cut where it was, until it is closed or refused. */
export function openStream<T extends AskedTopic>(
  needs: Connection & { readonly pause: Pause; readonly random: () => number },
  topics: readonly T[],
  options: StreamOptions<T>,
): Stream {
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal])
  const status = createStatusKeeper(options.onStatus ?? (() => {}))
  const path = `/stream?topics=${topics.map(encodeURIComponent).join(',')}`
  let lastEventId = options.after
  let retry = 2_000
  let failures = 0

  function take(frame: SseFrame): void {
    // The event's name is the discriminant; the rest is as the feed's contract says.
    const event = { type: frame.event, ...JSON.parse(frame.data) } as StreamEvent<T>
    if (event.type === 'bye' && event.reason === 'revoked') throw new Fault('credential_revoked')
    options.onEvent(event)
    if (frame.id !== undefined) lastEventId = frame.id
  }

  async function connect(): Promise<void> {
    const watch = new AbortController()
    let timer = setTimeout(() => watch.abort(), silence)
    try {
      const headers = headersOf(needs)
      headers.set('accept', 'text/event-stream')
      if (lastEventId !== undefined) headers.set('last-event-id', lastEventId)
      const response = await reach(needs, path, {
        headers,
        cache: 'no-store',
        signal: AbortSignal.any([signal, watch.signal]),
      })
      if (!response.ok || response.body === null) throw await faultOf(response, needs.now())
      status.live()
      const parser = createSseParser({ onFrame: take, onRetry: (ms) => (retry = ms) })
      for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
        clearTimeout(timer)
        timer = setTimeout(() => watch.abort(), silence)
        parser.push(text)
        failures = 0
      }
    } finally {
      clearTimeout(timer)
      watch.abort()
    }
  }

  async function follow(): Promise<Fault | null> {
    while (!signal.aborted) {
      status.lost()
      let asked = 0
      try {
        await connect()
      } catch (error) {
        if (signal.aborted) break
        if (error instanceof Fault) {
          if (!mayComeBack(error)) return error
          asked = Number(error.members.retryAfterMs ?? 0)
        }
      }
      if (signal.aborted) break
      status.lost()
      await needs.pause(Math.max(asked, backoff(failures, retry, longestWait, needs.random)), signal)
      failures += 1
    }
    return null
  }

  const ended = follow().then((fault) => {
    status.closed()
    options.onEnd?.(fault)
  })
  return {
    get lastEventId() {
      return lastEventId
    },
    close: () => stop.abort(),
    ended,
  }
}

function mayComeBack(error: Fault): boolean {
  const { httpStatus, unreachable } = error.members
  return unreachable === true || (typeof httpStatus === 'number' && retryable.has(httpStatus))
}
