import type { ServerResponse } from 'node:http'
import { fault } from '@quarterdeck/sdk/errors'
import { beginTopic } from '../core/begin-topic.ts'
import { createHub, type Hub } from '../core/feed.ts'
import type { Meter } from '../core/meter.ts'
import { faultOf } from '../core/port-fault.ts'
import type { Arrival } from './arrival.ts'
import type { BoundFeed } from './bound-feed.ts'
import { type Refusal, refusalOf } from './edge.ts'
import type { Caller } from './identify.ts'
import { type OpenTopic, openTopics } from './open-topics.ts'
import type { Route } from './route.ts'
import { createCredentialWatch } from './stream-credentials.ts'
import { createStreamPlaces } from './stream-places.ts'
import { readStreamRequest } from './stream-request.ts'
import { createStreamWriter, type StreamWriter } from './stream-writer.ts'

export interface StreamNeeds {
  readonly feeds: readonly BoundFeed[]
  readonly now: () => number
  readonly meter: Meter
  /** A stream that was refused once its credential was known to be good. */
  readonly refused: (refusal: Refusal) => void
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** How often credentials of open streams are asked for again, ms. */
  readonly recheckMs?: number
  readonly heartbeatMs?: number
}

/** Streams that one principal may have open. */
const mostStreams = 32
/** As journals name its refusals. */
const operation = 'stream.open'

/** The live feed `GET /stream?topics=…`: snapshots, then numbered deltas, over as many connections as come. */
export function createStreams(needs: StreamNeeds) {
  const hubs = new Map<string, Hub>()
  const writers = new Set<StreamWriter>()
  const credentials = createCredentialWatch({ everyMs: needs.recheckMs ?? 250 })
  const takePlace = createStreamPlaces(mostStreams)
  let draining = false
  let sweeping: NodeJS.Timeout | null = null

  /** One look at all open streams a second; no stream has a timer of its own. */
  function sweep(): void {
    const at = needs.now()
    for (const writer of writers) writer.tend(at)
  }

  function enter(writer: StreamWriter): void {
    writers.add(writer)
    sweeping ??= setInterval(sweep, 1_000)
    needs.meter.add('open_streams', { kind: 'sse' })
  }

  function leave(writer: StreamWriter): void {
    writers.delete(writer)
    needs.meter.add('open_streams', { kind: 'sse' }, -1)
    if (writers.size > 0 || sweeping === null) return
    clearInterval(sweeping)
    sweeping = null
  }

  function hubOf({ key, source, whole }: OpenTopic, tenant: string): Hub {
    let hub = hubs.get(key)
    if (hub === undefined) {
      hub = createHub({ source, tenant, whole, now: needs.now, pause: needs.pause })
      hubs.set(key, hub)
    }
    return hub
  }

  /** Topics with a name in them are without number; what nobody reads any more is forgotten. */
  function forget({ key }: OpenTopic): void {
    if (hubs.get(key)?.idle()) hubs.delete(key)
  }

  /** What is asked for and a place to have it in; throws before anything is sent. */
  async function admit(arrival: Arrival, caller: Caller) {
    const { actor } = caller
    try {
      const asked = readStreamRequest(needs.feeds, actor, arrival)
      if (draining) throw fault('draining')
      const rise = takePlace(actor, arrival.address)
      try {
        const topics = await openTopics(asked.topics, actor)
        if (draining) throw fault('draining')
        return { topics, after: asked.after, rise }
      } catch (error) {
        rise()
        throw error
      }
    } catch (error) {
      const known = faultOf(error)
      if (known.status < 500) needs.refused(refusalOf(arrival, caller, operation, known.code))
      throw error
    }
  }

  async function open(arrival: Arrival, caller: Caller, outgoing: ServerResponse): Promise<null> {
    const { topics, after, rise } = await admit(arrival, caller)
    const { actor, credential } = caller
    // The stream ends with its connection, so its frames go out as they are, without chunks around them.
    outgoing.useChunkedEncodingByDefault = false
    outgoing.writeHead(200, {
      ...arrival.headers,
      connection: 'close',
      'content-type': 'text/event-stream',
      'x-accel-buffering': 'no',
    })
    const writer = createStreamWriter({
      outgoing,
      topics,
      now: needs.now,
      heartbeatMs: needs.heartbeatMs ?? 15_000,
      gapped: (topic, reason) => needs.meter.add('stream_gaps_total', { topic, reason }),
    })
    enter(writer)
    const verified = caller.verified ?? { actor, again: async () => actor }
    const leaving = [
      rise,
      credentials.watch(credential, verified, (now) => {
        if (now?.credential !== actor.credential || topics.some((topic) => !topic.may(now)))
          writer.bye('revoked')
      }),
    ]
    let gone = false
    writer.closed.then(() => {
      gone = true
      for (const leaveOne of leaving) leaveOne()
      for (const topic of topics) forget(topic)
      leave(writer)
    })
    void beginAll()
    return null

    async function beginAll(): Promise<void> {
      for (const [index, topic] of topics.entries()) {
        if (gone) break
        const from = after === 'garbled' ? 'unknown' : (after?.[index] ?? null)
        const begun = beginTopic({
          writer,
          index,
          hub: hubOf(topic, actor.tenant),
          whole: topic.whole,
          from,
          gone: () => gone,
          leaving,
        })
          .catch(() => writer.close())
          .finally(() => gone && forget(topic))
        // The first run of a live query may take its time; other topics need not wait for it.
        if (!topic.whole) await begun
      }
    }
  }

  const route: Route = {
    endpoint: '/stream',
    step: 10,
    open: false,
    limit: 'default',
    tickets: true,
    journaled: operation,
    async answer(arrival, caller, _params, outgoing) {
      if (arrival.method === 'GET') return open(arrival, caller, outgoing)
      arrival.headers.allow = 'GET'
      throw fault('method_not_allowed')
    },
  }

  return {
    route,
    /** Says goodbye to every reader, as the server goes down. */
    drain() {
      draining = true
      for (const writer of [...writers]) writer.bye('drain')
    },
    size: () => writers.size,
  }
}
