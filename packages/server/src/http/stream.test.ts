import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Actor } from '@quarterdeck/sdk/actor'
import { expect, test, vi } from 'vitest'
import type { FeedSource } from '../core/feed.ts'
import { noMeter } from '../core/meter.ts'
import { createArrivals } from './arrival.ts'
import { plainSettings } from './edge.test-kit.ts'
import type { Caller } from './identify.ts'
import { createStreams } from './stream.ts'

const actor: Actor = {
  tenant: 'default',
  principal: 'ada',
  class: 'operator',
  permissions: ['records:read'],
  credential: 'c-1',
}

test('a reader who leaves before the feed is ready is not kept', async () => {
  const asked = Promise.withResolvers<void>()
  const ready = Promise.withResolvers<number>()
  let following: AbortSignal | undefined
  const source: FeedSource = {
    head() {
      asked.resolve()
      return ready.promise
    },
    snapshot: async (_tenant, position) => ({ position, data: {} }),
    since: async () => [],
    async *follow(_tenant, _after, signal) {
      following = signal
      await once(signal, 'abort')
      yield* []
    },
  }
  const streams = createStreams({
    feeds: [{ topic: 'records', permission: 'records:read', source }],
    now: Date.now,
    meter: noMeter,
    refused: () => {},
    pause: async () => {},
  })
  const caller: Caller = {
    actor,
    credential: { kind: 'bearer', value: 'any', origin: null },
    verified: { actor, again: async () => actor },
  }
  const arrive = createArrivals({ settings: plainSettings, randomId: () => 'r-1' })
  const server = createServer(
    (request, response) => void streams.route.answer(arrive(request), caller, {}, response),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/stream?topics=records`
  const reader = get(url, { headers: { authorization: 'Bearer any' } })
  reader.on('error', () => {})
  await asked.promise
  reader.destroy()
  await vi.waitFor(() => expect(streams.size()).toBe(0))
  ready.resolve(7)
  await vi.waitFor(() => expect(following?.aborted).toBe(true))
  server.close()
})
