import type { ServerResponse } from 'node:http'
import { Fault, fault } from '@quarterdeck/sdk/errors'
import { createHub, type FeedEvent, type FeedSource, type Hub } from '../core/feed.ts'
import { mayUse } from '../core/gate.ts'
import type { Meter } from '../core/meter.ts'
import type { Arrival } from './arrival.ts'
import { type Refusal, refusalOf } from './edge.ts'
import type { Caller } from './identify.ts'
import type { Route } from './route.ts'
import { createCredentialWatch } from './stream-credentials.ts'
import { createStreamPlaces } from './stream-places.ts'
import { readStreamRequest } from './stream-request.ts'
import { createStreamWriter, type StreamWriter } from './stream-writer.ts'

/** A topic with what feeds it. */
export interface BoundFeed {
  readonly topic: string
  readonly permission: string
  readonly source: FeedSource
}

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

  function hubOf(feed: BoundFeed, tenant: string): Hub {
    const key = `${tenant} ${feed.topic}`
    let hub = hubs.get(key)
    if (hub === undefined) {
      hub = createHub({ source: feed.source, tenant, now: needs.now, pause: needs.pause })
      hubs.set(key, hub)
    }
    return hub
  }

  /** What is asked for and a place to have it in; throws before anything is sent. */
  function admit(arrival: Arrival, caller: Caller) {
    const { actor, credential, verified } = caller
    try {
      if (verified === null || credential === null) throw fault('unauthenticated')
      const asked = readStreamRequest(needs.feeds, actor, arrival)
      if (draining) throw fault('draining')
      return { ...asked, actor, credential, verified, rise: takePlace(actor) }
    } catch (error) {
      if (error instanceof Fault && error.status < 500)
        needs.refused(refusalOf(arrival, caller, operation, error.code))
      throw error
    }
  }

  async function open(arrival: Arrival, caller: Caller, outgoing: ServerResponse): Promise<null> {
    const { feeds, after, actor, credential, verified, rise } = admit(arrival, caller)
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
      topics: feeds.map((feed) => feed.topic),
      now: needs.now,
      heartbeatMs: needs.heartbeatMs ?? 15_000,
      gapped: (topic, reason) => needs.meter.add('stream_gaps_total', { topic, reason }),
    })
    enter(writer)
    const leaving = [
      rise,
      credentials.watch(credential, verified, (now) => {
        if (now?.credential !== actor.credential || feeds.some((feed) => !mayUse(now, feed.permission)))
          writer.bye('revoked')
      }),
    ]
    let gone = false
    writer.closed.then(() => {
      gone = true
      for (const leaveOne of leaving) leaveOne()
      leave(writer)
    })
    void beginAll()
    return null

    async function beginAll(): Promise<void> {
      for (const [index, feed] of feeds.entries()) {
        if (gone) break
        const from = after === 'garbled' ? 'unknown' : (after?.[index] ?? null)
        await begin(index, hubOf(feed, actor.tenant), from).catch(() => writer.close())
      }
    }

    /** Brings one topic up to date, then goes on with what comes. Nothing is said twice, nothing is left out. */
    async function begin(index: number, hub: Hub, from: number | null | 'unknown'): Promise<void> {
      const early: FeedEvent[] = []
      let live = false
      let said = 0
      const { delta } = writer
      const say = (event: FeedEvent) => {
        if (!live) early.push(event)
        else if (event.position > said) {
          said = event.position
          delta(index, event)
        }
      }
      const seat = await hub.join(say)
      // Who has gone meanwhile is not there to leave later.
      if (gone) return seat.leave()
      leaving.push(() => seat.leave())
      writer.recover(index, () => rejoin())
      const followed =
        typeof from === 'number'
          ? await hub.since(from, Math.max(seat.position, 0))
          : from === 'unknown'
            ? 'unknown'
            : null
      if (Array.isArray(followed)) {
        said = typeof from === 'number' ? from : 0
        writer.resumed(index, said)
        early.unshift(...followed)
      } else {
        const snapshot = await hub.snapshot(seat.position)
        if (typeof followed === 'string')
          writer.gap(index, typeof from === 'number' ? from : null, snapshot.position, followed)
        said = snapshot.position
        writer.snapshot(index, snapshot)
      }
      goLive()

      function goLive(): void {
        live = true
        for (const event of early.splice(0)) say(event)
      }

      /** After a slow reader's queue was dropped: a snapshot of how things stand now. */
      async function rejoin(): Promise<void> {
        live = false
        const snapshot = await hub.snapshot(said)
        writer.gap(index, null, snapshot.position, 'slow')
        said = Math.max(said, snapshot.position)
        writer.snapshot(index, snapshot)
        goLive()
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
