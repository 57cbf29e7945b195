import { afterEach, describe, expect, it } from 'vitest'
import { memoryKeep } from '../adapters/memory/keep.ts'
import { type EdgeOptions, type OpenEdge, openEdge, rawRequest, sendRaw } from './edge.test-kit.ts'

let edge: OpenEdge
const open = async (more: Omit<EdgeOptions, 'keep'> = {}) => {
  edge = await openEdge({ keep: memoryKeep({ now: Date.now }), ...more })
  return edge
}
afterEach(() => edge.stop())

/** One request over a plain socket; of a problem its code. */
async function ask(line: string, headers: Record<string, string> = {}, body = '') {
  const type = body === '' ? {} : { 'content-type': 'application/json' }
  const answer = await sendRaw(edge.port, rawRequest(line, { ...type, ...headers }, body))
  const code = /^\{.*"code":"(\w+)"/s.exec(answer.body)?.[1]
  return { ...answer, code, said: [answer.status, code] }
}
const bearer = { authorization: 'Bearer good-token' }
const cookie = { cookie: 'console_session=good-token' }

describe('what every answer carries', () => {
  it.each([
    'GET /healthz',
    'GET /readyz',
    'GET /version',
    'GET /.well-known/jwks.json',
    'GET /console/',
    'GET /openapi.json',
    'GET /things/1',
    'POST /nothing',
    'DELETE /things',
    'GET /stream?topics=none',
  ])('%s: the id that was sent', async (line) => {
    await open()
    const { headers } = await ask(line, { ...bearer, 'x-request-id': 'id-1.a_B', host: 'localhost' })
    expect(headers['x-request-id']).toBe('id-1.a_B')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('same-origin')
    const kept = line.includes('jwks') ? 'public, max-age=300' : 'no-store'
    expect(headers['cache-control']).toBe(kept)
    const other = await ask(line, { ...bearer, 'x-request-id': 'not an id' })
    expect(other.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('a span by the route’s template, for all but probes and keys', async () => {
    await open()
    for (const line of ['GET /things/7', 'GET /nothing/8', 'GET /healthz', 'GET /.well-known/jwks.json'])
      await ask(line, bearer)
    expect(edge.traces).toEqual(['GET /things/:id', '200', 'GET other', '404 not_found'])
    expect(edge.answered.map(({ endpoint, status, code }) => [endpoint, status, code])).toEqual([
      ['/things/:id', 200, null],
      ['other', 404, 'not_found'],
      ['/healthz', 200, null],
      ['/.well-known/jwks.json', 200, null],
    ])
  })
})

describe('the third step', () => {
  it.each(['/healthz', '/health', '/readyz', '/ready', '/version', '/.well-known/jwks.json'])(
    '%s answers by any host, from any origin, without a credential, as often as it is asked',
    async (path) => {
      await open()
      const headers = { host: 'rebound.example', origin: 'null', authorization: 'Bearer bad' }
      for (let n = 0; n < 70; n += 1) expect((await ask(`GET ${path}`, headers)).status).toBe(200)
    },
    30_000,
  )

  it('lets the public keys be kept', async () => {
    await open()
    expect((await ask('GET /.well-known/jwks.json')).headers['cache-control']).toBe('public, max-age=300')
    expect((await ask('GET /things/1', bearer)).headers['cache-control']).toBe('no-store')
  })

  it('holds paths that are bypassed no more to a credential', async () => {
    await open({ settings: { bypassPaths: ['/ready'] } })
    for (const path of ['/health', '/openapi.json']) {
      expect((await ask(`GET ${path}`)).said).toEqual([401, 'unauthenticated'])
      expect((await ask(`GET ${path}`, bearer)).status).toBe(200)
    }
    for (const path of ['/ready', '/healthz', '/readyz', '/version'])
      expect((await ask(`GET ${path}`)).status).toBe(200)
  })
})

describe('the host', () => {
  it.each([
    ['rebound.example', 421],
    ['console.example.com.evil.example', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost:1', 200],
    ['127.0.0.1', 200],
    ['[::1]:3000', 200],
  ])('%s is answered with %i in local mode', async (host, status) => {
    await open()
    expect((await ask('GET /things/1', { ...bearer, host })).status).toBe(status)
  })

  it.each([
    ['console.example.com', 200],
    ['CONSOLE.example.com:443', 200],
    ['console.example.com:444', 421],
    ['inside:9999', 200],
    ['fixed:8080', 200],
    ['fixed:8081', 421],
    ['localhost', 421],
  ])('%s is answered with %i where people come by another name', async (host, status) => {
    await open({
      settings: {
        loopback: false,
        publicOrigin: 'https://console.example.com',
        allowedHosts: ['Inside', 'fixed:8080'],
      },
    })
    const answer = await ask('GET /things/1', { ...bearer, host })
    expect(answer.status).toBe(status)
    if (status === 421) expect(answer.code).toBe('wrong_host')
    expect(answer.headers['strict-transport-security']).toMatch(/^max-age=31536000/)
  })

  it('is refused where it comes twice or not at all', async () => {
    await open()
    const twice =
      'GET /things/1 HTTP/1.1\r\nHost: localhost\r\nHost: rebound.example\r\nConnection: close\r\n\r\n'
    expect((await sendRaw(edge.port, twice)).status).toBe(421)
    const without = 'GET /things/1 HTTP/1.1\r\nConnection: close\r\n\r\n'
    expect(JSON.parse((await sendRaw(edge.port, without)).body)).toMatchObject({ code: 'bad_request' })
  })

  it('of a target in absolute form counts before the header', async () => {
    await open()
    expect((await ask('GET http://rebound.example/things/1', bearer)).status).toBe(421)
    expect(
      (await ask('GET http://localhost/things/1?q=a', { ...bearer, host: 'rebound.example' })).body,
    ).toBe('{"id":"1","q":"a"}')
  })
})

describe('the origin', () => {
  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1'])(
    '%s is refused everywhere',
    async (origin) => {
      await open()
      for (const line of [
        'GET /things/1',
        'POST /auth/enter',
        'GET /console/',
        'GET /stream',
        'OPTIONS /things',
      ])
        expect((await ask(line, { ...bearer, origin })).said).toEqual([403, 'origin_not_allowed'])
      expect(edge.asked).toEqual([])
      expect(edge.refusals.map(({ operation, by }) => [operation, by])).toEqual([
        ['things.get', '127.0.0.1'],
        ['things.enter', '127.0.0.1'],
        ['stream.open', '127.0.0.1'],
      ])
    },
  )

  it('that is allowed is told what it may do, and what went wrong', async () => {
    const cors = { credentials: true, methods: null, headers: null, maxAgeSeconds: 60 }
    await open({ settings: { allowedOrigins: ['https://board.example'], cors } })
    const origin = 'https://board.example'
    const preflight = await ask('OPTIONS /things/1', { origin, 'access-control-request-method': 'GET' })
    expect(preflight.status).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers':
        'authorization, content-type, idempotency-key, last-event-id, traceparent, tracestate, x-console-proof, x-request-id, x-session-id, x-deadline-ms, x-api-key',
      'access-control-max-age': '60',
      vary: 'Origin',
    })
    for (const line of ['GET /things/1', 'GET /nothing']) {
      const { headers } = await ask(line, { ...bearer, origin })
      expect(headers['access-control-allow-origin']).toBe(origin)
      expect(headers['access-control-expose-headers']).toContain('RateLimit-Policy')
    }
  })

  it('settings say methods and headers of preflights, and any origin without cookies', async () => {
    const cors = { credentials: false, methods: ['GET', 'PURGE'], headers: ['x-own'], maxAgeSeconds: 5 }
    await open({ settings: { allowedOrigins: ['*'], cors } })
    const asked = { origin: 'https://any.example', 'access-control-request-method': 'GET' }
    const { headers } = await ask('OPTIONS /things', asked)
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['access-control-allow-credentials']).toBeUndefined()
    expect(headers['access-control-allow-methods']).toBe('GET, PURGE')
    expect(headers['access-control-allow-headers']).toBe('x-own')
    expect((await ask('OPTIONS /things', { ...asked, origin: 'null' })).status).toBe(403)
    await expect(
      openEdge({
        keep: memoryKeep({ now: Date.now }),
        settings: { allowedOrigins: ['*'], cors: { ...cors, credentials: true } },
      }),
    ).rejects.toThrow('every origin')
  })

  it('of a write by cookie must be our own, or the browser says that it is', async () => {
    await open({ settings: { allowedOrigins: ['https://board.example'] } })
    const write = (headers: Record<string, string>) => ask('POST /things', { ...cookie, ...headers }, '{}')
    expect((await write({})).said).toEqual([403, 'csrf'])
    expect((await write({ origin: 'https://board.example' })).said).toEqual([403, 'csrf'])
    expect((await write({ 'sec-fetch-site': 'same-site' })).said).toEqual([403, 'csrf'])
    expect((await write({ 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect((await write({ origin: 'http://127.0.0.1' })).status).toBe(200)
    expect((await write({ ...bearer, origin: 'https://board.example' })).status).toBe(200)
    expect((await ask('GET /things/1', cookie)).status).toBe(200)
  })
})

describe('forwarded headers', () => {
  const forwarded = (address: string, more: Record<string, string> = {}) => ({
    ...bearer,
    'x-forwarded-for': address,
    ...more,
  })
  const addressOf = async (headers: Record<string, string>) =>
    JSON.parse((await ask('POST /things', headers, '{}')).body).from.address

  it('change nothing when nobody is trusted', async () => {
    await open()
    expect(await addressOf(forwarded('203.0.113.9'))).toBe('127.0.0.1')
    const host = { 'x-forwarded-host': 'localhost', host: 'rebound.example' }
    expect((await ask('GET /things/1', { ...bearer, ...host })).status).toBe(421)
    const origin = { 'x-forwarded-proto': 'https', origin: 'https://127.0.0.1' }
    expect((await ask('GET /things/1', { ...bearer, ...origin })).status).toBe(403)
  })

  it('of a trusted proxy count: the client is the right-most address that is no proxy', async () => {
    await open({ settings: { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8', 'fd00::/8'] } })
    expect(await addressOf(forwarded('6.6.6.6, 203.0.113.9, 10.1.2.3'))).toBe('203.0.113.9')
    expect(await addressOf(forwarded('6.6.6.6, ::ffff:203.0.113.9:443, fd00::7'))).toBe('203.0.113.9')
    expect(await addressOf(forwarded('6.6.6.6, [2001:db8::1]:443, fd00::7'))).toBe('2001:db8::1')
    expect(await addressOf(forwarded('6.6.6.6, nonsense, 10.1.2.3'))).toBe('10.1.2.3')
    const host = { 'x-forwarded-host': 'rebound.example' }
    expect((await ask('GET /things/1', { ...bearer, ...host })).status).toBe(421)
    const secure = { 'x-forwarded-proto': 'https', origin: 'https://127.0.0.1' }
    expect((await ask('GET /things/1', { ...bearer, ...secure })).status).toBe(200)
  })

  it('from an address that is no proxy change nothing, whatever it claims', async () => {
    await open({ settings: { trustedProxies: ['10.0.0.0/8'] } })
    expect(await addressOf(forwarded('10.0.0.1'))).toBe('127.0.0.1')
    const host = { 'x-forwarded-host': 'localhost', host: 'rebound.example' }
    expect((await ask('GET /things/1', { ...bearer, ...host })).status).toBe(421)
    const origin = { 'x-forwarded-proto': 'https', origin: 'https://127.0.0.1' }
    expect((await ask('GET /things/1', { ...bearer, ...origin })).status).toBe(403)
    const claims = { 'x-owner': 'bob', 'x-tier': 'gold', 'x-tenant-id': 'other', 'x-real-ip': '10.0.0.1' }
    expect((await ask('GET /things/1', { ...bearer, ...claims })).headers['ratelimit-policy']).toBe(
      '"default";q=100000;w=60',
    )
    const gold = await ask('GET /things/1', { authorization: 'Bearer gold-token' })
    expect(gold.headers['ratelimit-policy']).toBe('"default";q=7;w=60')
  })
})

describe('what there is not', () => {
  it('is 404 before anybody is asked who they are, and never a page', async () => {
    await open()
    const missing = await ask('GET /nothing', { accept: 'text/html' })
    expect(missing.said).toEqual([404, 'not_found'])
    expect(missing.headers['content-type']).toBe('application/problem+json')
    expect((await ask('GET /things/1/more')).status).toBe(404)
    expect((await ask('GET /things/1')).said).toEqual([401, 'unauthenticated'])
  })

  it('as a method is 405 with those there are', async () => {
    await open()
    const wrong = await ask('DELETE /things/lines')
    expect([...wrong.said, wrong.headers.allow]).toEqual([405, 'method_not_allowed', 'GET, POST'])
    expect((await ask('PUT /healthz')).headers.allow).toBe('GET')
    expect((await ask('POST /console/x')).said).toEqual([405, 'method_not_allowed'])
    expect((await ask('HEAD /stream?topics=things', bearer)).status).toBe(405)
  })

  it('is found for HEAD where GET is', async () => {
    await open()
    const head = await ask('HEAD /things/1', bearer)
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '10'])
    expect((await ask('HEAD /healthz')).status).toBe(200)
  })

  it('stays so while the server is not ready, which everything else says', async () => {
    await open({ notReady: () => 'The server is starting' })
    const waiting = await ask('GET /things/1', bearer)
    expect([...waiting.said, waiting.headers['retry-after']]).toEqual([503, 'not_ready', '1'])
    expect((await ask('GET /.well-known/jwks.json')).said).toEqual([503, 'not_ready'])
    expect((await ask('GET /healthz')).status).toBe(200)
  })
})

describe('a failure of ours', () => {
  it('shows nothing of itself', async () => {
    await open()
    const broken = await ask('GET /things/broken', bearer)
    expect(broken.said).toEqual([500, 'internal'])
    expect(broken.text).not.toContain('deep inside')
    expect(edge.failed).toEqual(['internal'])
  })
})
