import type { IncomingMessage, ServerResponse } from 'node:http'
import { fault, problemOf } from '@quarterdeck/sdk/errors'
import { createHub, type FeedEvent, type FeedSource, type Hub } from '../core/feed.ts'
import { mayUse } from '../core/gate.ts'
import type { Meter } from '../core/meter.ts'
import { faultOf } from '../core/port-fault.ts'
import { headerOf, isSecure } from './app.ts'
import { checkHost, checkOrigin, type Site } from './guard.ts'
import { commonHeaders, type HeaderReader, requestIdOf } from './headers.ts'
import { type Authenticate, identify } from './identify.ts'
import { readStreamCursor } from './stream-cursor.ts'
import { createStreamWriter } from './stream-writer.ts'

/** A topic with what feeds it. */
export interface BoundFeed {
  readonly topic: string
  readonly permission: string
  readonly source: FeedSource
}

export interface StreamNeeds {
  readonly feeds: readonly BoundFeed[]
  readonly authenticate: Authenticate
  readonly site: Site
  readonly homeTenant: string
  readonly randomId: () => string
  readonly now: () => number
  readonly meter: Meter
  readonly notReady: () => string | null
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** How often credentials of open streams are asked for again, ms. */
  readonly recheckMs?: number
  readonly heartbeatMs?: number
}

/** The live feed `GET /stream?topics=…`: snapshots, then numbered deltas, over as many connections as come. */
export function createStreams(needs: StreamNeeds) {
  const { site } = needs
  const secure = isSecure(site)
  const hubs = new Map<string, Hub>()
  const open = new Set<(reason: 'drain') => void>()

  function hubOf(feed: BoundFeed, tenant: string): Hub {
    const key = `${tenant} ${feed.topic}`
    let hub = hubs.get(key)
    if (hub === undefined) {
      hub = createHub({ source: feed.source, tenant, now: needs.now, pause: needs.pause })
      hubs.set(key, hub)
    }
    return hub
  }

  /** What is asked for, by whom; throws before anything is sent. */
  async function admit(incoming: IncomingMessage, headers: HeaderReader) {
    checkHost(site, headers)
    const foreign = checkOrigin(site, headers)
    const reason = needs.notReady()
    if (reason !== null) throw fault('not_ready', reason)
    const query = new URL(incoming.url ?? '', 'http://any').searchParams
    const who = { authenticate: needs.authenticate, secure, homeTenant: needs.homeTenant }
    const { actor } = await identify(who, headers)
    const names = (query.get('topics') ?? '').split(',').filter((name) => name !== '')
    if (actor.class === 'anonymous') throw fault('unauthenticated')
    const issue = (message: string) =>
      fault('invalid', undefined, { issues: [{ path: ['topics'], message }] })
    if (names.length === 0 || names.length > 20 || new Set(names).size !== names.length)
      throw issue('needs 1 to 20 different topics')
    const feeds = names.map((name) => {
      const feed = needs.feeds.find((one) => one.topic === name)
      if (feed === undefined) throw issue('names a topic that there is not')
      return feed
    })
    for (const feed of feeds) if (!mayUse(actor, feed.permission)) throw fault('forbidden')
    const after = headers.get('last-event-id') ?? query.get('after')
    return { actor, feeds, foreign, after, again: () => identify(who, headers) }
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const headers: HeaderReader = { get: (name) => headerOf(incoming, name) }
    const requestId = requestIdOf(headers, needs.randomId)
    let admitted: Awaited<ReturnType<typeof admit>>
    try {
      admitted = await admit(incoming, headers)
    } catch (error) {
      const known = faultOf(error)
      const challenge: Record<string, string> = known.status === 401 ? { 'www-authenticate': 'Bearer' } : {}
      const answer = {
        ...commonHeaders,
        ...challenge,
        'x-request-id': requestId,
        'content-type': 'application/problem+json',
      }
      outgoing.writeHead(known.status, answer).end(JSON.stringify(problemOf(known, requestId)))
      return
    }
    const { actor, feeds, foreign, after, again } = admitted
    // The stream ends with its connection, so its frames go out as they are, without chunks around them.
    outgoing.useChunkedEncodingByDefault = false
    outgoing.writeHead(200, {
      ...commonHeaders,
      'x-request-id': requestId,
      connection: 'close',
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      ...(foreign === null ? {} : { 'access-control-allow-origin': foreign, vary: 'Origin' }),
    })
    needs.meter.add('open_streams', { kind: 'sse' })
    const writer = createStreamWriter({
      outgoing,
      topics: feeds.map((feed) => feed.topic),
      now: needs.now,
      gapped: (topic, reason) => needs.meter.add('stream_gaps_total', { topic, reason }),
    })
    const end = (reason: 'drain') => writer.bye(reason)
    open.add(end)
    const timers = [
      setInterval(() => writer.beat(), needs.heartbeatMs ?? 15_000),
      setInterval(() => {
        again().then(
          ({ actor: now }) => {
            if (now.credential !== actor.credential || feeds.some((feed) => !mayUse(now, feed.permission)))
              writer.bye('revoked')
          },
          (error: unknown) => {
            // Only a credential that is refused ends the stream; a store that is away for a moment does not.
            if (faultOf(error).status === 401) writer.bye('revoked')
          },
        )
      }, needs.recheckMs ?? 500),
      setInterval(() => writer.checkProgress(), 1_000),
    ]
    let gone = false
    writer.closed.then(() => {
      gone = true
      for (const timer of timers) clearInterval(timer)
      for (const leave of leaving) leave()
      open.delete(end)
      needs.meter.add('open_streams', { kind: 'sse' }, -1)
    })
    const leaving: (() => void)[] = []
    const cursor =
      after === null || after === undefined || after === '' ? null : readStreamCursor(after, feeds.length)
    const garbled = cursor === null && after !== null && after !== undefined && after !== ''
    for (const [index, feed] of feeds.entries()) {
      if (gone) break
      const from = garbled ? 'unknown' : (cursor?.[index] ?? null)
      await begin(index, hubOf(feed, actor.tenant), from).catch(() => writer.close())
    }

    /** Brings one topic up to date, then goes on with what comes. Nothing is said twice, nothing is left out. */
    async function begin(index: number, hub: Hub, from: number | null | 'unknown'): Promise<void> {
      const early: FeedEvent[] = []
      let live = false
      let said = 0
      const say = (event: FeedEvent) => {
        if (event.position <= said) return
        said = event.position
        writer.delta(index, event)
      }
      const seat = await hub.join((event) => {
        if (live) say(event)
        else early.push(event)
      })
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
        for (const event of followed) say(event)
      } else {
        const snapshot = await hub.snapshot(seat.position)
        if (typeof followed === 'string')
          writer.gap(index, typeof from === 'number' ? from : null, snapshot.position, followed)
        said = snapshot.position
        writer.snapshot(index, snapshot)
      }
      live = true
      for (const event of early.splice(0)) say(event)

      /** After a slow reader's queue was dropped: a snapshot of how things stand now. */
      async function rejoin(): Promise<void> {
        live = false
        const snapshot = await hub.snapshot(said)
        writer.gap(index, null, snapshot.position, 'slow')
        said = Math.max(said, snapshot.position)
        writer.snapshot(index, snapshot)
        live = true
        for (const event of early.splice(0)) say(event)
      }
    }
  }

  return {
    serve,
    /** Says goodbye to every reader, as the server goes down. */
    drain() {
      for (const end of [...open]) end('drain')
    },
    size: () => open.size,
  }
}
