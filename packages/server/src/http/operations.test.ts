import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryKeep } from '../adapters/memory/keep.ts'
import { type EdgeOptions, type OpenEdge, openEdge, rawRequest, sendRaw } from './edge.test-kit.ts'

let edge: OpenEdge
const open = async (more: Omit<EdgeOptions, 'keep'> = {}) => {
  edge = await openEdge({ keep: memoryKeep({ now: Date.now }), ...more })
}
afterEach(() => edge.stop())

async function ask(path: string, init: RequestInit & { token?: string | null } = {}) {
  const { token = 'good-token', ...rest } = init
  const headers = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(rest.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(rest.headers as Record<string, string>),
  }
  const answer = await fetch(edge.url + path, { redirect: 'manual', ...rest, headers })
  const text = await answer.text()
  const body = text === '' ? null : JSON.parse(text)
  return { status: answer.status, headers: answer.headers, body, said: [answer.status, body?.code] }
}
const post = (path: string, body: RequestInit['body'], more: Parameters<typeof ask>[1] = {}) =>
  ask(path, { method: 'POST', body: body ?? null, ...more })

describe('the credential', () => {
  const carried = async (path: string, headers: Record<string, string>) =>
    (await ask(path, { token: null, headers })).said
  const key = { 'x-api-key': 'good-token' }

  it('is the first found: Authorization, key header, query, cookie', async () => {
    await open({ settings: { apiKeyQuery: 'api_key' } })
    await ask('/things/1?api_key=other-token', { headers: { cookie: 'console_session=other-token' } })
    await ask('/things/1?api_key=other-token', { token: null, headers: key })
    await ask('/things/1?api_key=other-token', {
      token: null,
      headers: { cookie: 'console_session=good-token' },
    })
    await ask('/things/1', { token: null, headers: { cookie: 'a=b; console_session=good-token; c=d' } })
    expect(edge.asked.map(({ kind, value }) => [kind, value])).toEqual([
      ['bearer', 'good-token'],
      ['key', 'good-token'],
      ['query', 'other-token'],
      ['cookie', 'good-token'],
    ])
  })

  it('is refused when two headers differ, and taken when they say the same', async () => {
    await open()
    expect(await carried('/things/1', { ...key, authorization: 'Bearer other-token' })).toEqual([
      400,
      'credential_ambiguous',
    ])
    expect(await carried('/things/1', { ...key, authorization: 'Bearer good-token' })).toEqual([
      200,
      undefined,
    ])
    const twice = (second: string) =>
      sendRaw(
        edge.port,
        `GET /things/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer good-token\r\nAuthorization: Bearer ${second}\r\n\r\n`,
      )
    expect((await twice('other-token')).body).toContain('credential_ambiguous')
    expect((await twice('good-token')).status).toBe(200)
    expect(edge.asked.some(({ value }) => value === 'other-token')).toBe(false)
  })

  it.each([
    [{ authorization: 'Bearer bad' }, 'unauthenticated'],
    [{ authorization: 'Bearer' }, 'unauthenticated'],
    [{ authorization: 'Basic YTpi' }, 'unauthenticated'],
    [{ authorization: 'Bearer old-token' }, 'credential_expired'],
    [{ 'x-api-key': 'bad' }, 'unauthenticated'],
    [{ 'x-api-key': 'é' }, 'unauthenticated'],
  ])('that is bad is 401 although a good one follows: %o', async (headers, code) => {
    await open()
    const cookie = 'console_session=good-token'
    for (const path of ['/things/1', '/openapi.json', '/nothing']) {
      const answer = await ask(path, { token: null, headers: { cookie, ...headers } })
      expect(answer.said).toEqual([401, code])
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    }
    expect(edge.refusals[0]).toMatchObject({
      operation: 'things.get',
      by: '127.0.0.1',
      code,
      actor: { tenant: 'home', class: 'anonymous' },
    })
    expect(edge.metered.filter(([name]) => name === 'auth_total')).toHaveLength(3)
  })

  it('in the query goes nowhere else, and no ticket opens an operation', async () => {
    await open({ settings: { apiKeyQuery: 'api_key' } })
    expect((await ask('/things/1?q=a&api_key=good-token', { token: null })).body).toEqual({ id: '1', q: 'a' })
    expect((await ask('/things/1?ticket=good-token', { token: null })).said).toEqual([401, 'unauthenticated'])
    expect(edge.asked.map(({ kind }) => kind)).toEqual(['query'])
    expect(JSON.stringify([edge.traces, edge.answered, edge.refusals])).not.toContain('good-token')
  })

  it('goes by the header that the settings name', async () => {
    await open({ settings: { apiKeyHeader: 'X-Harbour' } })
    expect(await carried('/things/1', { 'x-harbour': 'good-token' })).toEqual([200, undefined])
    expect(await carried('/things/1', key)).toEqual([401, 'unauthenticated'])
  })

  it('of a browser may be stale for signing in, that of a header may not', async () => {
    await open()
    const stale = { cookie: 'console_session=bad; console_link=kept', origin: edge.url }
    const entered = await post('/auth/enter', '{}', { token: null, headers: stale })
    expect([entered.status, entered.body]).toEqual([200, { held: 'kept' }])
    expect((await post('/auth/enter', '{}', { token: 'bad' })).said).toEqual([401, 'unauthenticated'])
    expect((await ask('/things/1', { token: null, headers: stale })).status).toBe(401)
  })
})

describe('a body', () => {
  const large = (bytes: number) => JSON.stringify({ text: 'x'.repeat(bytes - 11) })

  it('may hold 4 KiB without a credential, else what the settings say', async () => {
    await open()
    const anonymous = { token: null }
    expect((await post('/auth/enter', large(4_096), anonymous)).status).toBe(200)
    expect((await post('/auth/enter', large(4_097), anonymous)).said).toEqual([413, 'body_too_large'])
    expect((await post('/auth/enter', large(4_097))).status).toBe(200)
    expect((await post('/things', large(65_536))).status).toBe(200)
    expect((await post('/things', large(65_537))).said).toEqual([413, 'body_too_large'])
    expect((await post('/things', large(8_000_000))).said).toEqual([413, 'body_too_large'])
  })

  it('is measured inflated', async () => {
    await open()
    const gzip = { headers: { 'content-encoding': 'gzip' } }
    expect((await post('/things', gzipSync(large(65_536)), gzip)).status).toBe(200)
    expect((await post('/things', gzipSync(large(65_537)), gzip)).said).toEqual([413, 'body_too_large'])
    expect((await post('/things', gzipSync(Buffer.alloc(30_000_000)), gzip)).status).toBe(413)
    expect((await post('/things', large(20), gzip)).said).toEqual([400, 'invalid_json'])
    const brotli = { headers: { 'content-encoding': 'br' } }
    expect((await post('/things', large(20), brotli)).said).toEqual([415, 'unsupported_media_type'])
  })

  it('is not looked at before its caller is let in', async () => {
    await open()
    const never = { 'content-type': 'application/json', 'content-length': '50' }
    const began = (headers: Record<string, string>) =>
      sendRaw(edge.port, rawRequest('POST /things', { ...never, ...headers }))
    expect((await began({})).status).toBe(401)
    expect((await began({ authorization: 'Bearer weak-token' })).status).toBe(403)
    expect((await began({ authorization: 'Bearer good-token', 'content-length': '65537' })).status).toBe(413)
    expect((await began({ authorization: 'Bearer good-token', 'content-type': 'text/plain' })).status).toBe(
      415,
    )
  })

  it('that is refused is taken to its end, so that its sender reads why', async () => {
    await open()
    const headers = { 'content-type': 'application/json', 'content-length': '640000' }
    const socket = connect(edge.port, '127.0.0.1')
    let text = ''
    let broken: Error | null = null
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', (error) => {
      broken = error
    })
    socket.write(rawRequest('POST /things', headers))
    for (let n = 0; n < 40; n += 1) {
      socket.write('x'.repeat(16_000))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await vi.waitFor(() => expect(socket.destroyed).toBe(true))
    expect([broken, socket.bytesWritten > 640_000]).toEqual([null, true])
    expect(text).toMatch(/^HTTP\/1\.1 401/)
  })

  it('is asked for only then, where its sender waits to be asked', async () => {
    await open()
    const headers = { 'content-type': 'application/json', 'content-length': '2', expect: '100-continue' }
    const send = (token: string) =>
      new Promise<(number | undefined)[]>((resolve) => {
        const told: (number | undefined)[] = []
        const asked = request(`${edge.url}/things`, {
          method: 'POST',
          headers: { ...headers, authorization: `Bearer ${token}` },
        })
        asked.on('continue', () => {
          told.push(100)
          asked.end('{}')
        })
        asked.on('response', (response) => resolve([...told, response.resume().statusCode]))
        asked.on('error', () => {})
        asked.flushHeaders()
      })
    expect(await send('good-token')).toEqual([100, 200])
    expect(await send('weak-token')).toEqual([403])
  })

  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  it.each([
    ['not JSON', '{', 400, 'invalid_json'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'invalid_json'],
    ['a list', '[]', 422, 'invalid'],
    ['U+0000', '{"text":"\\u0000"}', 422, 'invalid'],
    ['half a surrogate pair', '{"text":"\\ud800"}', 422, 'invalid'],
    ['half a surrogate pair in a key', '{"\\udc00":1}', 422, 'invalid'],
    ['a key that is no key', '{"__proto__":{}}', 422, 'invalid'],
    ['a number without end', '{"text":1e999}', 422, 'invalid'],
    ['65 levels', deep(65), 422, 'invalid'],
    ['8,000 levels', deep(8_000), 422, 'invalid'],
    ['what the schema has not', '{"text":1}', 422, 'invalid'],
  ])('that is or holds %s is refused', async (_, body, status, code) => {
    await open()
    expect((await post('/things', body)).said).toEqual([status, code])
  })

  it('of lines leaves a bad line to the others', async () => {
    await open()
    const ndjson = { headers: { 'content-type': 'application/x-ndjson' } }
    const lines = Buffer.concat([
      Buffer.from('{"a":1}\n{\n\n'),
      Buffer.from([0xff, 0x0a]),
      Buffer.from('"\ufffd"'),
    ])
    expect((await post('/things/lines', lines, ndjson)).body).toEqual({ lines: 4, bad: 2 })
    expect((await post('/things/lines', '{"a":"\\u0000"}')).status).toBe(200)
  })

  it.each(['/things/%00', '/things/1?q=%00', '/things/%ff'])('is no excuse for its URL: %s', async (path) => {
    await open()
    expect((await ask(path)).said).toEqual([422, 'invalid'])
  })

  it('need not be there where nothing is needed, and says its type where it is', async () => {
    await open()
    expect((await ask('/things', { method: 'POST' })).status).toBe(200)
    const empty = rawRequest('POST /things', {
      authorization: 'Bearer good-token',
      'transfer-encoding': 'chunked',
    })
    expect((await sendRaw(edge.port, `${empty}0\r\n\r\n`)).status).toBe(415)
  })
})

describe('an answer', () => {
  it('sets and removes cookies, on plain loopback without a prefix', async () => {
    await open()
    const { headers } = await post('/auth/enter', '{}', { token: null })
    expect(headers.getSetCookie()).toEqual([
      'console_session=good-token; Path=/; HttpOnly; SameSite=Strict; Max-Age=60',
      'console_link=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0',
      'console_login=l; Path=/auth; HttpOnly; SameSite=Lax; Max-Age=600',
    ])
  })

  it('binds cookies to the host on https', async () => {
    await open({ settings: { publicOrigin: 'https://console.example.com' } })
    const { headers } = await post('/auth/enter', '{}', { token: null })
    expect(headers.getSetCookie()).toEqual([
      '__Host-console_session=good-token; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=60',
      '__Host-console_link=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0',
      '__Secure-console_login=l; Path=/auth; HttpOnly; SameSite=Lax; Secure; Max-Age=600',
    ])
    const cookie = { cookie: '__Host-console_session=good-token' }
    expect((await ask('/things/1', { token: null, headers: cookie })).status).toBe(200)
    const plain = { cookie: 'console_session=good-token' }
    expect((await ask('/things/1', { token: null, headers: plain })).status).toBe(401)
  })

  it.each(['https://issuer.example/authorize?a=b', '/console/board'])('sends browsers to %s', async (to) => {
    await open()
    const answer = await ask(`/auth/leave?to=${encodeURIComponent(to)}`, { token: null })
    expect([answer.status, answer.headers.get('location'), answer.body]).toEqual([302, to, null])
  })

  it.each(['//evil.example', '/\\evil.example', 'javascript:alert(1)', '/a\r\nx: y', '/é'])(
    'sends no browser to %j',
    async (to) => {
      await open()
      expect((await ask(`/auth/leave?to=${encodeURIComponent(to)}`, { token: null })).status).toBe(500)
    },
  )

  it('is the same for a write that is repeated under its key', async () => {
    await open()
    const again = () => post('/things', '{"text":"a"}', { headers: { 'idempotency-key': 'k-1' } })
    const [first, second] = [await again(), await again()]
    expect(second.body).toEqual(first.body)
    expect((await post('/things', '{"text":"a"}')).body.made).toBe(2)
    expect((await post('/things', '{}', { headers: { 'idempotency-key': 'k-1' } })).said).toEqual([
      422,
      'idempotency_mismatch',
    ])
  })

  it('knows where the call came from', async () => {
    await open()
    const headers = { 'user-agent': 'x'.repeat(300) }
    expect((await post('/things', '{}', { headers })).body.from).toEqual({
      address: '127.0.0.1',
      client: 'x'.repeat(200),
    })
  })
})

describe('a handler', () => {
  it('that takes too long is told to stop, and its caller that the time ran out', async () => {
    await open()
    expect((await post('/things/slow', '{"text":"late"}')).said).toEqual([504, 'deadline_exceeded'])
    expect(edge.aborted).toEqual([expect.objectContaining({ code: 'deadline_exceeded' })])
  })

  it('has its time from when the body is there', async () => {
    await open()
    const head = {
      authorization: 'Bearer good-token',
      'content-type': 'application/json',
      'content-length': '2',
    }
    edge.release()
    const socket = connect(edge.port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.write(rawRequest('POST /things/slow', head))
    await new Promise((resolve) => setTimeout(resolve, 300))
    socket.write('{}')
    await vi.waitFor(() => expect(text).toContain('{"waited":true}'))
    socket.destroy()
  })

  it('is told to stop when its client has gone', async () => {
    await open()
    const stop = new AbortController()
    const gone = post('/things/slow', '{"text":"late"}', { signal: stop.signal }).catch(() => 'gone')
    await vi.waitFor(() => expect(edge.asked).toHaveLength(1))
    await new Promise((resolve) => setTimeout(resolve, 30))
    stop.abort()
    expect(await gone).toBe('gone')
    await vi.waitFor(() => expect(edge.aborted).toEqual([expect.objectContaining({ name: 'AbortError' })]))
  })
})
