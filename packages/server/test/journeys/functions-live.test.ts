import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { type Client, createClient, type StreamEvent } from '@quarterdeck/sdk/client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { readStream } from './sse.ts'

let stage: Stage
let service: Client
const token = 'token-of-a-service-that-watches-all-01'

beforeAll(async () => {
  stage = await openStage({
    CONSOLE_APP: join(import.meta.dirname, '../apps/trial'),
    CONSOLE_AUTH_TOKEN: undefined,
    CONSOLE_AUTH_TOKENS_JSON: JSON.stringify([
      {
        token,
        tenantId: 'default',
        label: 'all',
        scopes: ['identity:mint', 'identity:tokens', 'functions:read'],
      },
    ]),
    CONSOLE_LIMITS_JSON: JSON.stringify({ default: '100000/minute' }),
  })
  service = stage.as(token)
}, 60_000)
afterAll(() => stage.stop())

async function rpc(fn: string, args: readonly unknown[], by = token): Promise<unknown> {
  const response = await fetch(`${stage.url}/rpc/${fn}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  })
  if (!response.ok) throw new Error(`${fn}: ${await response.text()}`)
  return ((await response.json()) as { result?: unknown }).result
}
const tokenOf = async (subject: string, groups: string[]) =>
  service.identity.mintToken({ class: 'user', subject, groups })
const pathOf = (...topics: string[]) => `/stream?topics=${topics.map(encodeURIComponent).join(',')}`
const topicOf = (fn: string, ...args: unknown[]) =>
  `functions.live/${fn}?args=${Buffer.from(JSON.stringify(args)).toString('base64url')}` as const

/** A way to the server that can be cut like a network. */
async function openWay(port: number) {
  const sockets = new Set<Socket>()
  let taken = 0
  const server = createServer((near) => {
    taken += 1
    const far = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one.on('error', () => undefined).on('close', () => other.destroy()))
      one.pipe(other)
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    taken: () => taken,
    close() {
      cut()
      server.close()
    },
  }
}

describe('topics of functions', () => {
  it('are followed by the client, typed, and resume by themselves after each cut', async () => {
    const events: StreamEvent<'functions.change/counters'>[] = []
    const way = await openWay(Number(new URL(stage.url).port))
    const client = createClient({ url: way.url, token, pause: async () => {} })
    const stream = client.stream(['functions.change/counters'], { onEvent: (event) => events.push(event) })
    await vi.waitFor(() => expect(events).toHaveLength(1))
    for (let n = 1; n <= 50; n += 1) {
      await rpc('increment', ['c'])
      if (n % 10 === 0) way.cut()
    }
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(50))
    stream.close()
    await stream.ended
    expect(events.map(({ type }) => type)).toEqual(['snapshot', ...Array(50).fill('delta')])
    const counts = events.flatMap((event) =>
      event.type === 'delta' ? event.changes.map(({ data }) => data?.n) : [],
    )
    expect(counts).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
    expect(way.taken()).toBeGreaterThan(5)
    way.close()
  })

  it('show each reader what is its own, and no field that is masked', async () => {
    const mia = (await tokenOf('mia', ['member'])).accessToken
    const max = (await tokenOf('max', ['member'])).accessToken
    const path = pathOf(
      'functions.change/notes',
      'functions.change/accounts',
      'functions.live/notes',
      topicOf('accounts', 'open'),
    )
    const [hers, his] = [readStream(stage.url, mia, path), readStream(stage.url, max, path)]
    for (const reader of [hers, his]) await vi.waitFor(() => expect(reader.told).toHaveLength(4))
    await rpc('note', ['of mia'], mia)
    await rpc('openAccount', ['Ann', 4711])
    await rpc('note', ['of max'], max)
    const results = (reader: typeof hers, topic: string) =>
      reader.told.filter(({ data }) => data.topic === topic).map(({ data }) => data.result)
    for (const reader of [hers, his]) {
      await vi.waitFor(() => expect(results(reader, 'functions.live/notes')).toHaveLength(2))
      await vi.waitFor(() => expect(results(reader, topicOf('accounts', 'open'))).toHaveLength(2))
      await vi.waitFor(() => expect(reader.told.filter(({ event }) => event === 'delta')).toHaveLength(2))
    }
    expect(JSON.stringify(hers.told)).not.toMatch(/of max|4711/)
    expect(JSON.stringify(his.told)).not.toMatch(/of mia|4711/)
    expect(results(hers, 'functions.live/notes')).toEqual([[], ['of mia']])
    hers.cut()
    his.cut()
  })

  it('end when the credential is revoked', async () => {
    const { token: passing, id } = await service.identity.createToken({
      kind: 'service',
      label: 'passing',
      scopes: ['functions:read'],
    })
    const reader = readStream(stage.url, passing, pathOf('functions.change/counters', topicOf('count', 'c')))
    await vi.waitFor(() => expect(reader.told).toHaveLength(2))
    await service.identity.revokeToken({ id })
    await vi.waitFor(() => expect(reader.ended()).toBe(true), { timeout: 5_000 })
    expect(reader.told.at(-1)).toMatchObject({ event: 'bye', data: { reason: 'revoked' } })
  })

  it('open by a ticket for these very topics', async () => {
    const topics = ['functions.change/counters', topicOf('count', 'c')]
    const { ticket } = await service.identity.issueTicket({ topics })
    const response = await fetch(`${stage.url}${pathOf(...topics)}&ticket=${ticket}`)
    expect(response.status).toBe(200)
    await response.body?.cancel()
    const other = await service.identity.issueTicket({ topics })
    const refused = await fetch(`${stage.url}${pathOf(topicOf('count', 'd'))}&ticket=${other.ticket}`)
    expect(refused.status).toBe(401)
  })

  it.each([
    ['functions.change/nothing', 404],
    ['functions.live/increment', 422],
    ['functions.live/hidden', 404],
    [topicOf('count', 17), 422],
    ['functions.change/', 422],
  ])('%s is refused before anything is sent', async (topic, status) => {
    const reader = readStream(stage.url, token, pathOf(topic))
    expect(await reader.status).toBe(status)
  })

  it('are refused to callers without a credential whose group may nothing here', async () => {
    for (const topic of ['functions.change/counters', topicOf('count', 'c')]) {
      const response = await fetch(`${stage.url}${pathOf(topic)}`)
      expect(response.status).toBe(401)
      await response.body?.cancel()
    }
  })
})
