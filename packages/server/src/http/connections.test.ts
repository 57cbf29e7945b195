import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryKeep } from '../adapters/memory/keep.ts'
import { type EdgeOptions, type OpenEdge, openEdge, rawRequest, sendRaw } from './edge.test-kit.ts'

let edge: OpenEdge
const sockets: Socket[] = []
const open = async (more: Omit<EdgeOptions, 'keep'> = {}) => {
  edge = await openEdge({ keep: memoryKeep({ now: Date.now }), ...more })
}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await edge.stop()
})

/** A connection from an address of this machine; null once the server has closed it. */
async function hold(from: string): Promise<Socket | null> {
  const socket = connect({ port: edge.port, host: '127.0.0.1', localAddress: from })
  socket.on('error', () => {})
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}

/** How many of so many connections from an address the server lets live. */
async function living(count: number, from: (n: number) => string): Promise<number> {
  const all: Socket[] = []
  for (let n = 0; n < count; n += 1) {
    const socket = await hold(from(n)).catch(() => null)
    if (socket !== null) all.push(socket)
  }
  // A closed one hears of it once it is read from.
  for (const socket of all) socket.resume()
  await vi.waitFor(() => expect(all.some((socket) => socket.destroyed)).toBe(true), { timeout: 10_000 })
  await new Promise((resolve) => setTimeout(resolve, 200))
  return all.filter((socket) => !socket.destroyed).length
}

const problem = (answer: Awaited<ReturnType<typeof sendRaw>>) => {
  const body = JSON.parse(answer.body)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.headers['x-request-id']).toBe(body.requestId)
  return [answer.status, body.code]
}
const alive = async (from = '127.0.0.9') =>
  expect((await sendRaw(edge.port, rawRequest('GET /healthz'), from)).status).toBe(200)

describe('connections', () => {
  it('are 256 an address; others are served meanwhile', async () => {
    await open()
    expect(await living(300, () => '127.0.0.1')).toBe(256)
    await alive()
    expect((await sendRaw(edge.port, rawRequest('GET /healthz'), '127.0.0.1')).status).toBe(0)
    // Whoever goes makes room.
    for (const socket of sockets.splice(0, 10)) socket.destroy()
    await vi.waitFor(() => alive('127.0.0.1'))
  })

  it('of a trusted proxy stand for many clients', async () => {
    await open({ settings: { trustedProxies: ['127.0.0.1'], maxConnections: 290 } })
    expect(await living(300, () => '127.0.0.1')).toBe(290)
  })

  it('are cut above the number set, and those there are are served on', async () => {
    await open({ settings: { maxConnections: 1_000 } })
    const first = await hold('127.0.0.2')
    expect(await living(5_000, (n) => `127.0.1.${n % 20}`)).toBe(999)
    let text = ''
    first?.on('data', (chunk) => {
      text += chunk.toString()
    })
    first?.write(rawRequest('GET /things/1', { authorization: 'Bearer good-token' }))
    await vi.waitFor(() => expect(text).toContain('HTTP/1.1 200'))
  }, 60_000)
})

describe('what is too slow', () => {
  it('in its headers is cut, or told so, while others are served', async () => {
    await open({ times: { headers: 300 } })
    const cut = [sendRaw(edge.port, ''), sendRaw(edge.port, 'GET /healthz HTTP/1.1\r\nHost: local')]
    await alive()
    for (const answer of await Promise.all(cut)) expect(problem(answer)).toEqual([408, 'request_timeout'])
  })

  it('in its body is told so, and the handler does not run', async () => {
    await open({ times: { body: 200 } })
    const head = {
      authorization: 'Bearer good-token',
      'content-type': 'application/json',
      'content-length': '9',
    }
    const answers = [
      sendRaw(edge.port, `${rawRequest('POST /things', head)}{`),
      sendRaw(edge.port, rawRequest('POST /things', { ...head, 'content-length': '100000' })),
    ]
    await alive()
    const [slow, large] = await Promise.all(answers)
    expect(problem(slow as never)).toEqual([408, 'request_timeout'])
    expect(problem(large as never)).toEqual([413, 'body_too_large'])
  })

  it('and dribbles is held to the same time', async () => {
    await open({ times: { body: 400 } })
    const head = {
      authorization: 'Bearer good-token',
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
    }
    const socket = (await hold('127.0.0.1')) as Socket
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString()
    })
    socket.write(rawRequest('POST /things', head))
    const dribble = setInterval(() => socket.write('1\r\n \r\n'), 50)
    await once(socket, 'close')
    clearInterval(dribble)
    expect(text).toContain('HTTP/1.1 408')
  })
})

describe('what is too large', () => {
  it('is cut and told so: headers, URL, endless chunks', async () => {
    await open()
    const long = 'x'.repeat(20_000)
    expect(problem(await sendRaw(edge.port, rawRequest('GET /healthz', { long })))).toEqual([
      431,
      'headers_too_large',
    ])
    for (const url of ['x'.repeat(8_192), long])
      expect(problem(await sendRaw(edge.port, rawRequest(`GET /${url}`)))).toEqual([414, 'url_too_long'])
    const head = {
      authorization: 'Bearer good-token',
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
    }
    const socket = (await hold('127.0.0.1')) as Socket
    let text = ''
    let sent = 0
    socket.on('data', (chunk) => {
      text += chunk.toString()
    })
    socket.write(rawRequest('POST /things', head))
    const chunk = `2000\r\n${'x'.repeat(8_192)}\r\n`
    const endless = setInterval(() => {
      sent += 1
      socket.write(chunk)
    }, 5)
    await once(socket, 'close')
    clearInterval(endless)
    expect(text).toContain('HTTP/1.1 413')
    expect(text).toContain('connection: close'.replace('c', 'C'))
    expect(sent).toBeGreaterThan(8)
  })

  it.each([
    ['FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['\x16\x03\x01\x02\x00\x01\r\n', 400],
    [
      'POST /things HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n',
      400,
    ],
  ])('what is no HTTP is a problem and the end', async (bytes, status) => {
    await open()
    expect(problem(await sendRaw(edge.port, bytes))).toEqual([status, 'bad_request'])
    await alive()
  })
})
