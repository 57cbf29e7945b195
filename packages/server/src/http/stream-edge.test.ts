import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryKeep } from '../adapters/memory/keep.ts'
import { type EdgeOptions, type OpenEdge, openEdge, rawRequest, sendRaw } from './edge.test-kit.ts'

let edge: OpenEdge
const readers: Socket[] = []
const open = async (more: Omit<EdgeOptions, 'keep'> = {}) => {
  edge = await openEdge({ keep: memoryKeep({ now: Date.now }), ...more })
}
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.destroy()
  await edge.stop()
})

const good = { authorization: 'Bearer good-token' }

/** A reader of the live feed, and all that it was sent. */
function read(path: string, headers: Record<string, string> = good) {
  const socket = connect(edge.port, '127.0.0.1')
  readers.push(socket)
  const reader = { socket, text: '', ended: false }
  socket.on('data', (chunk) => {
    reader.text += chunk
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    reader.ended = true
  })
  socket.write(rawRequest(`GET ${path}`, headers))
  return reader
}
const refusal = async (path: string, headers: Record<string, string> = good) => {
  const answer = await sendRaw(edge.port, rawRequest(`GET ${path}`, headers))
  return [answer.status, JSON.parse(answer.body).code]
}

describe('a stream', () => {
  it('opens with the headers of any answer, and counts as one request', async () => {
    await open({ limits: { default: [{ count: 2, windowMs: 60_000 }] } })
    const reader = read('/stream?topics=things', { ...good, 'x-request-id': 'r-1' })
    await vi.waitFor(() => expect(reader.text).toContain('event: snapshot'))
    for (const header of [
      'x-request-id: r-1',
      'RateLimit: "default";r=1',
      'text/event-stream',
      'no-store',
      'x-accel-buffering: no',
    ])
      expect(reader.text).toContain(header)
    expect(edge.answered).toMatchObject([{ endpoint: '/stream', status: 200, code: null }])
    read('/stream?topics=things')
    await vi.waitFor(() => expect(edge.streams.size()).toBe(2))
    expect(await refusal('/stream?topics=things')).toEqual([429, 'rate_limited'])
  })

  it.each([
    ['/stream?topics=things', {}, 401, 'unauthenticated'],
    ['/stream?topics=things', { authorization: 'Bearer bad' }, 401, 'unauthenticated'],
    ['/stream?topics=secrets', good, 403, 'forbidden'],
    ['/stream?topics=things,secrets', good, 403, 'forbidden'],
    ['/stream?topics=things', { ...good, origin: 'https://evil.example' }, 403, 'origin_not_allowed'],
    ['/stream?topics=nothing', good, 422, 'invalid'],
    ['/stream?topics=', good, 422, 'invalid'],
    ['/stream?topics=things,things', good, 422, 'invalid'],
  ])('%s by %o is refused, and that is journaled', async (path, headers, status, code) => {
    await open()
    expect(await refusal(path, headers)).toEqual([status, code])
    expect(edge.refusals).toEqual([expect.objectContaining({ operation: 'stream.open', code })])
  })

  it('opens by a ticket for its own topics and origin, and by a header before that', async () => {
    await open()
    const ticket = read('/stream?topics=things&ticket=good-token', {})
    await vi.waitFor(() => expect(ticket.text).toContain('event: snapshot'))
    expect(edge.asked).toEqual([{ kind: 'ticket', value: 'good-token', origin: null, topics: ['things'] }])
    expect(await refusal('/stream?topics=secrets&ticket=good-token', {})).toEqual([401, 'unauthenticated'])
    const header = read('/stream?topics=things&ticket=bad')
    await vi.waitFor(() => expect(header.text).toContain('event: snapshot'))
    const said = JSON.stringify([edge.answered, edge.traces, edge.refusals])
    expect(said).not.toContain('good-token')
  })

  it('ends with bye when its credential is revoked, whatever brought it', async () => {
    await open()
    const all = [
      read('/stream?topics=things'),
      read('/stream?topics=things&ticket=good-token', {}),
      read('/stream?topics=things', { cookie: 'console_session=good-token' }),
    ]
    const other = read('/stream?topics=things', { authorization: 'Bearer other-token' })
    await vi.waitFor(() => expect(edge.streams.size()).toBe(4))
    edge.revoked.add('good-token')
    for (const reader of all) {
      await vi.waitFor(() => expect(reader.ended).toBe(true))
      expect(reader.text).toContain('event: bye\ndata: {"reason":"revoked"}')
    }
    expect(other.ended).toBe(false)
    expect(await refusal('/stream?topics=things')).toEqual([401, 'credential_revoked'])
  })

  it('is one of 32 of a principal at most, and its place is free when it is gone', async () => {
    await open()
    const mine = Array.from({ length: 32 }, () => read('/stream?topics=things'))
    await vi.waitFor(() => expect(edge.streams.size()).toBe(32))
    const over = await sendRaw(edge.port, rawRequest('GET /stream?topics=things', good))
    expect([over.status, JSON.parse(over.body).code, over.headers['retry-after']]).toEqual([
      429,
      'too_many_streams',
      '1',
    ])
    read('/stream?topics=things', { authorization: 'Bearer other-token' })
    await vi.waitFor(() => expect(edge.streams.size()).toBe(33))
    mine[0]?.socket.destroy()
    await vi.waitFor(() => expect(edge.streams.size()).toBe(32))
    read('/stream?topics=things')
    await vi.waitFor(() => expect(edge.streams.size()).toBe(33))
  })
})
