import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { memoryKeep } from '../adapters/memory/keep.ts'
import { type EdgeOptions, type OpenEdge, openEdge, rawRequest } from './edge.test-kit.ts'

let edge: OpenEdge
const open = async (more: Omit<EdgeOptions, 'keep'> = {}) => {
  edge = await openEdge({ keep: memoryKeep({ now: Date.now }), ...more })
}
afterEach(() => edge.stop())
const good = { authorization: 'Bearer good-token' }

/** One request over an agent's connections; what failed is its error's code. */
function ask(
  path: string,
  agent?: Agent,
): Promise<{ status: number | string; connection: string | undefined }> {
  return new Promise((resolve) => {
    const asked = get(
      `${edge.url}${path}`,
      { headers: good, ...(agent === undefined ? {} : { agent }) },
      (answer) => {
        answer.resume()
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, connection: answer.headers.connection }),
        )
      },
    )
    asked.on('error', (error) =>
      resolve({ status: String(Reflect.get(error, 'code')), connection: undefined }),
    )
  })
}

it('says that it is not ready, serves on for a while, and asks clients to connect elsewhere', async () => {
  await open({ settings: { drainDelayMs: 500 } })
  const agent = new Agent({ keepAlive: true })
  expect(await ask('/things/1', agent)).toEqual({ status: 200, connection: 'keep-alive' })
  const closed = edge.served.close()
  expect((await ask('/readyz')).status).toBe(503)
  expect((await ask('/healthz')).status).toBe(200)
  for (const path of ['/things/1', '/things/1', '/nothing', '/console/'])
    expect((await ask(path, agent)).connection).toBe('close')
  await closed
  expect((await ask('/healthz')).status).toBe('ECONNREFUSED')
  agent.destroy()
})

it('sends the readers of streams away with a time to come back, once nothing new comes', async () => {
  await open({ settings: { drainDelayMs: 300 } })
  const socket = connect(edge.port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write(rawRequest('GET /stream?topics=things', good))
  await vi.waitFor(() => expect(text).toContain('event: snapshot'))
  const closed = edge.served.close()
  expect(text).not.toContain('bye')
  await closed
  await vi.waitFor(() => expect(text).toContain('bye'))
  expect(text).toMatch(/retry: \d{4}\nevent: bye\ndata: \{"reason":"drain"\}/)
})

it('lets requests in flight end, and waits for them no longer than it may', async () => {
  await open({ times: { flight: 400 } })
  const agent = new Agent({ keepAlive: true })
  const body = JSON.stringify({ text: 'held' })
  const post = (text: string) =>
    fetch(`${edge.url}/things/lines`, {
      method: 'POST',
      headers: { ...good, 'content-type': 'application/json' },
      body: text,
    }).then(({ status }) => status)
  const socket = connect(edge.port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  const head = { ...good, 'content-type': 'application/json', 'content-length': String(body.length) }
  socket.write(rawRequest('POST /things', { ...head, connection: 'keep-alive' }))
  expect(await post('[]')).toBe(200)
  const stuck = connect(edge.port, '127.0.0.1')
  const cut = new Promise((resolve) => stuck.on('close', resolve))
  stuck.on('error', () => {})
  stuck.write(rawRequest('POST /things', head))
  await vi.waitFor(() => expect(edge.asked.length).toBeGreaterThanOrEqual(3))
  const closed = edge.served.close()
  // What was begun before is finished after.
  socket.write(body)
  await vi.waitFor(() => expect(answer).toContain('HTTP/1.1 200'))
  expect(answer).toMatch(/connection: close/i)
  await closed
  await cut
  agent.destroy()
})

it('fails no request of clients that go where a server says it is ready', async () => {
  await open({ settings: { drainDelayMs: 3_000 } })
  const statuses = new Map<number | string, number>()
  let ready = true
  const clients = Array.from({ length: 16 }, async (_, n) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (ready) {
      const { status } = await ask(n % 4 === 0 ? '/readyz' : `/things/${n}`, agent)
      if (status === 503) ready = false
      else statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    // A client on its way goes on for a while with what it knows.
    for (let late = 0; late < 5; late += 1) {
      const { status } = await ask(`/things/${n}`, agent)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    agent.destroy()
  })
  await vi.waitFor(() => expect(statuses.get(200)).toBeGreaterThan(200))
  const closed = edge.served.close()
  await Promise.all(clients)
  await closed
  expect([...statuses.keys()]).toEqual([200])
})
