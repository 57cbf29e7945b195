import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { FeedEvent, FeedSource, NamedTopic, OpenedFeed } from '../core/feed.ts'
import { faultOf } from '../core/port-fault.ts'
import { createArrivals } from './arrival.ts'
import type { BoundFeed } from './bound-feed.ts'
import { plainSettings } from './edge.test-kit.ts'
import type { Refusal } from './edge.ts'
import { type Caller, nobody } from './identify.ts'
import { createStreams } from './stream.ts'

const ada: Actor = {
  tenant: 'home',
  principal: 'ada',
  class: 'operator',
  permissions: ['records:read'],
  credential: 'c-1',
}

/** A topic that a test says things in, after whatever it began with. */
function topic() {
  const events: FeedEvent[] = [{ position: 1, data: { text: 'first' } }]
  const followers = new Set<() => void>()
  const followed: AbortSignal[] = []
  const source: FeedSource = {
    head: async () => events.at(-1)?.position ?? 0,
    snapshot: async () => events.at(-1) as FeedEvent,
    since: async (_tenant, after) => events.filter(({ position }) => position > after),
    async *follow(_tenant, after, signal) {
      followed.push(signal)
      let at = events.findLastIndex(({ position }) => position <= after) + 1
      while (!signal.aborted) {
        const event = events[at]
        if (event !== undefined) {
          at += 1
          yield event
        } else
          await new Promise<void>((resolve) => {
            followers.add(resolve)
            signal.addEventListener('abort', () => resolve(), { once: true })
          })
      }
    },
  }
  return {
    source,
    followed,
    say(event: FeedEvent) {
      events.push(event)
      for (const go of followers) go()
    },
  }
}

/** A server of streams over one pattern, and who calls next. */
async function serve(open: (actor: Actor, asked: NamedTopic) => Promise<OpenedFeed>) {
  const refusals: Refusal[] = []
  const gaps: unknown[] = []
  const feeds: BoundFeed[] = [
    { topic: 'records', permission: 'records:read', source: topic().source },
    { topic: 'things.of/:name', permission: 'public', open },
  ]
  const streams = createStreams({
    feeds,
    now: Date.now,
    meter: {
      add: (name, labels) => name === 'stream_gaps_total' && gaps.push(labels),
      observe() {},
      set() {},
    },
    refused: (refusal) => void refusals.push(refusal),
    pause: async () => {},
    recheckMs: 20,
  })
  const known: Caller = {
    actor: ada,
    credential: { kind: 'bearer', value: 'any', origin: null },
    verified: { actor: ada, again: async () => ada },
  }
  const calling = { caller: known, known, nobody: nobody('home') }
  const arrive = createArrivals({ settings: plainSettings, randomId: () => 'r-1' })
  const server = createServer((request, response) => {
    streams.route.answer(arrive(request), calling.caller, {}, response).catch((error) => {
      response.writeHead(faultOf(error).status).end(faultOf(error).code)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo

  async function read(topics: string, headers: Record<string, string> = {}) {
    const path = `/stream?topics=${topics.split(',').map(encodeURIComponent).join(',')}`
    const request = get({ host: '127.0.0.1', port, path, headers, agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const reader = {
      status: response.statusCode,
      text: '',
      ended: false,
      response,
      events: () =>
        [...reader.text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, kind, data = '']) => ({
          kind,
          ...JSON.parse(data),
        })),
    }
    response.on('data', (chunk) => {
      reader.text += chunk
    })
    response.on('close', () => {
      reader.ended = true
    })
    response.on('error', () => {})
    return reader
  }
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { streams, calling, read, refusals, gaps }
}

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean()
})

const opened = (source: FeedSource, more: Partial<OpenedFeed> = {}): OpenedFeed => ({
  key: 'k',
  source,
  whole: false,
  may: () => true,
  ...more,
})

describe('a topic with a name in it', () => {
  it('is opened with its name and its query, and its events carry it as it was asked for', async () => {
    const { source, say } = topic()
    const asked: [string, NamedTopic][] = []
    const { read } = await serve(async (actor, named) => {
      asked.push([actor.principal, named])
      return opened(source)
    })
    const reader = await read('things.of/tickets?args=WyJvcGVuIl0,records')
    await vi.waitFor(() => expect(reader.events()).toHaveLength(2))
    say({ position: 2, data: { text: 'second' } })
    await vi.waitFor(() => expect(reader.events()).toHaveLength(3))
    expect(asked.map(([who, { name, query }]) => [who, name, query.get('args')])).toEqual([
      ['ada', 'tickets', 'WyJvcGVuIl0'],
    ])
    const named = 'things.of/tickets?args=WyJvcGVuIl0'
    expect(reader.events()).toEqual([
      { kind: 'snapshot', topic: named, position: 1, text: 'first' },
      { kind: 'snapshot', topic: 'records', position: 1, text: 'first' },
      { kind: 'delta', topic: named, position: 2, text: 'second' },
    ])
    expect(reader.text).toContain('id: 2.1\nevent: delta')
  })

  it.each(['things.of/', 'things.of', 'things.of/a/b', 'things', 'things.of/:name/', 'records?args=W10'])(
    '%s is none',
    async (name) => {
      const { read } = await serve(async () => opened(topic().source))
      expect((await read(name)).status).toBe(422)
    },
  )

  it('is refused before anything is sent, and leaves no place taken', async () => {
    const { read, refusals, streams } = await serve(async () => {
      throw fault('forbidden')
    })
    for (let n = 0; n < 40; n += 1) expect((await read('records,things.of/a')).status).toBe(403)
    expect(refusals).toHaveLength(40)
    expect(refusals[0]).toMatchObject({ operation: 'stream.open', code: 'forbidden' })
    expect(streams.size()).toBe(0)
  })

  it('is read once for all readers with one key, and not at all when the last has gone', async () => {
    const { source, followed, say } = topic()
    const { read } = await serve(async (_, { name }) => opened(source, { key: name }))
    const readers = [await read('things.of/a'), await read('things.of/a?x=1'), await read('things.of/b')]
    for (const reader of readers) await vi.waitFor(() => expect(reader.events()).toHaveLength(1))
    expect(followed).toHaveLength(2)
    let written = 0
    const data = {
      get text() {
        written += 1
        return 'second'
      },
    }
    say({ position: 2, data })
    for (const reader of readers) await vi.waitFor(() => expect(reader.events()).toHaveLength(2))
    expect(readers.map((reader) => reader.events()[1].topic)).toEqual([
      'things.of/a',
      'things.of/a?x=1',
      'things.of/b',
    ])
    // Whatever words they asked in, an event is written once for all of them.
    expect(written).toBe(1)
    for (const reader of readers) reader.response.destroy()
    await vi.waitFor(() => expect(followed.every((signal) => signal.aborted)).toBe(true))
    await read('things.of/a')
    await vi.waitFor(() => expect(followed).toHaveLength(3))
  })

  it('ends with bye when its reader may not read it any more, of callers without a credential too', async () => {
    let allowed = true
    const { read, calling } = await serve(async () => opened(topic().source, { may: () => allowed }))
    const known = await read('things.of/a')
    calling.caller = calling.nobody
    const unknown = await read('things.of/a')
    for (const reader of [known, unknown]) await vi.waitFor(() => expect(reader.events()).toHaveLength(1))
    allowed = false
    for (const reader of [known, unknown]) {
      await vi.waitFor(() => expect(reader.ended).toBe(true))
      expect(reader.events().at(-1)).toEqual({ kind: 'bye', reason: 'revoked' })
    }
  })

  it('is open to callers without a credential where it is public, beside no plain topic', async () => {
    const callers: Actor[] = []
    const { read, calling } = await serve(async (actor) => {
      callers.push(actor)
      return opened(topic().source)
    })
    calling.caller = calling.nobody
    const reader = await read('things.of/a')
    await vi.waitFor(() => expect(reader.events()).toHaveLength(1))
    expect(callers).toMatchObject([{ tenant: 'home', principal: 'anonymous', class: 'anonymous' }])
    for (const topics of ['records', 'things.of/a,records', 'nothing', ''])
      expect((await read(topics)).status).toBe(401)
  })

  it('keeps arguments out of what is counted', async () => {
    const { source, say } = topic()
    const { read, gaps } = await serve(async () => opened(source))
    const reader = await read('things.of/a?args=c2VjcmV0')
    await vi.waitFor(() => expect(reader.events()).toHaveLength(1))
    say({ position: 9, data: {}, gap: 'pruned' })
    await vi.waitFor(() => expect(reader.events()).toHaveLength(3))
    expect(reader.events().slice(1)).toMatchObject([
      { kind: 'gap', from: 1, to: 9, reason: 'pruned' },
      { kind: 'snapshot', position: 9 },
    ])
    expect(gaps).toEqual([{ topic: 'things.of/:name', reason: 'pruned' }])
  })
})

describe('a topic whose events are whole', () => {
  it('begins with the present whatever its reader had, and sends snapshots alone', async () => {
    const { source, say } = topic()
    const { read } = await serve(async () => opened(source, { whole: true }))
    const first = await read('things.of/a', { 'last-event-id': '1' })
    const other = await read('things.of/a', { 'last-event-id': 'garbled' })
    await vi.waitFor(() => expect(other.events()).toHaveLength(1))
    say({ position: 4, data: { text: 'changed' } })
    // A run that failed, and one that did not, at the same commit.
    say({ position: 4, data: { text: 'changed back' } })
    for (const reader of [first, other]) {
      await vi.waitFor(() => expect(reader.events()).toHaveLength(3))
      expect(reader.events().map(({ kind, position, text }) => [kind, position, text])).toEqual([
        ['snapshot', 1, 'first'],
        ['snapshot', 4, 'changed'],
        ['snapshot', 4, 'changed back'],
      ])
    }
  })

  it('never goes back behind what its reader was told', async () => {
    const { source, say } = topic()
    const lifted = { ...source, snapshot: async () => ({ position: 5, data: { text: 'as of 5' } }) }
    const { read } = await serve(async () => opened(lifted, { whole: true }))
    const reader = await read('things.of/a')
    await vi.waitFor(() => expect(reader.events()).toHaveLength(1))
    say({ position: 3, data: { text: 'late' } })
    say({ position: 6, data: { text: 'next' } })
    await vi.waitFor(() => expect(reader.events()).toHaveLength(2))
    expect(reader.events().map(({ position }) => position)).toEqual([5, 6])
  })

  it('is not queued without end for a reader who takes nothing, and ends with how things stand', async () => {
    const { source, say } = topic()
    const { read, gaps } = await serve(async () => opened(source, { whole: true }))
    const reader = await read('things.of/a')
    await vi.waitFor(() => expect(reader.events()).toHaveLength(1))
    reader.response.pause()
    const much = 'x'.repeat(512 * 1024)
    for (let position = 2; position <= 60; position += 1) {
      say({ position, data: { much } })
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    reader.response.resume()
    await vi.waitFor(() => expect(reader.events().at(-1)).toMatchObject({ kind: 'snapshot', position: 60 }), {
      timeout: 10_000,
    })
    expect(gaps).toEqual([{ topic: 'things.of/:name', reason: 'slow' }])
    expect(reader.events().length).toBeLessThan(60)
  })
})
