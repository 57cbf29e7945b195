import { gzipSync } from 'node:zlib'
import { operations } from '@quarterdeck/sdk/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { event, openStage, type Stage } from '../stage.ts'

describe('the door', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage.stop())

  async function ask(path: string, init: RequestInit & { token?: string | null } = {}) {
    const { token = stage.token, ...rest } = init
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(rest.headers as Record<string, string>),
    }
    const answer = await fetch(`${stage.url}${path}`, { ...rest, headers })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) }
  }
  const post = (
    path: string,
    body: BodyInit,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ) => ask(path, { method: 'POST', body, headers })

  it('lets nobody in without a credential, and says how to come in', async () => {
    for (const { route, permission, name, source } of operations()) {
      if (permission === 'public') continue
      const [method, path] = route.split(' ') as [string, string]
      const answer = await ask(path.replace(/:\w+/g, 'x'), { method, token: null })
      // OTLP answers with a Status, whose code is gRPC's.
      expect([answer.status, answer.body.code], name).toEqual([
        401,
        source === 'bytes' ? 16 : 'unauthenticated',
      ])
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    }
    expect((await ask('/state', { token: 'wrong' })).status).toBe(401)
  })

  it('answers failures as problems with the request’s id, and never as HTML', async () => {
    const answer = await ask('/records/none', { headers: { 'x-request-id': 'my-id.1' } })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('x-request-id')).toBe('my-id.1')
    expect(answer.body).toMatchObject({ status: 404, code: 'not_found', requestId: 'my-id.1' })
    expect((await ask('/records/none', { headers: { 'x-request-id': 'bad id' } })).body.requestId).not.toBe(
      'bad id',
    )
  })

  it.each([
    ['an unknown path', '/nothing', 'GET', 404, 'not_found'],
    ['a method that a path does not take', '/state', 'POST', 405, 'method_not_allowed'],
    ['a query that does not match', '/telemetry?limit=1000', 'GET', 422, 'invalid'],
    ['a position ahead of the log', '/state?at=999999', 'GET', 400, 'position_ahead'],
    ['a garbled cursor', '/records?cursor=%21%21', 'GET', 422, 'invalid'],
    ['a kind of object that is none', '/state/ghosts', 'GET', 422, 'invalid'],
  ])('refuses %s', async (_, path, method, status, code) => {
    const answer = await ask(path, { method })
    expect([answer.status, answer.body.code]).toEqual([status, code])
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET')
  })

  it('refuses bodies that are no JSON, of another type, too large, or a gzip bomb', async () => {
    const codes = async (answer: Promise<{ status: number; body: { code: string } }>) => [
      (await answer).status,
      (await answer).body.code,
    ]
    expect(await codes(post('/records', 'not json'))).toEqual([400, 'invalid_json'])
    expect(await codes(post('/records', '{}', { 'content-type': 'text/plain' }))).toEqual([
      415,
      'unsupported_media_type',
    ])
    expect(await codes(post('/records', `"${'x'.repeat(4_200_000)}"`))).toEqual([413, 'body_too_large'])
    const bomb = gzipSync(Buffer.alloc(30_000_000))
    expect(
      await codes(post('/records', bomb, { 'content-type': 'application/json', 'content-encoding': 'gzip' })),
    ).toEqual([413, 'body_too_large'])
    expect(
      await codes(post('/records', JSON.stringify(Array.from({ length: 1_001 }, () => event('x'))))),
    ).toEqual([413, 'body_too_large'])
  })

  it('takes gzip', async () => {
    const answer = await post('/records', gzipSync(JSON.stringify(event('zipped'))), {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    })
    expect(answer.body).toMatchObject({ status: 'accepted' })
  })

  it.each([
    ['a time far in the future', event('t1', { occurredAt: '9999-01-01T00:00:00Z' }), 'occurredAt'],
    ['a time in words', event('t2', { occurredAt: 'yesterday' }), 'occurredAt'],
    ['a time before 2000', event('t3', { occurredAt: '1999-12-31T23:59:59Z' }), 'occurredAt'],
    ['U+0000', event('t4', { payload: { summary: 'a\u0000b' } }), 'payload.summary'],
    ['another schema', event('t5', { schema: 'console.other' }), 'schema'],
    ['another version', event('t6', { version: '1.0' }), 'version'],
    ['no subject', event('t7', { subject: undefined }), 'subject'],
    ['an id with a line feed', event('t8\n'), 'id'],
    ['an id of 201 characters', event('t'.repeat(201)), 'id'],
  ])('refuses a record with %s, and says where', async (_, record, path) => {
    const answer = await post('/records', JSON.stringify(record))
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid'])
    expect(answer.body.issues[0].path.join('.')).toBe(path)
  })

  it('refuses numbers beyond range and a key __proto__, which JSON can carry', async () => {
    const text = JSON.stringify(event('n1', { payload: { data: 0 } }))
    expect((await post('/records', text.replace('"data":0', '"data":1e400'))).body).toMatchObject({
      code: 'invalid',
      issues: [{ path: ['payload', 'data'] }],
    })
    expect((await post('/records', text.replace('"data":0', '"data":{"__proto__":1}'))).body).toMatchObject({
      code: 'invalid',
    })
  })

  it('keeps what it does not know, and warns of a later version and a clock that is ahead', async () => {
    const ahead = new Date(Date.now() + 600_000).toISOString()
    const answer = await post(
      '/records',
      JSON.stringify(event('w1', { version: '0.2', occurredAt: ahead, surprise: { kept: true } })),
    )
    expect(answer.body).toMatchObject({ status: 'accepted', warnings: ['version_unknown', 'clock_ahead'] })
    expect((await ask('/records/w1')).body.record.surprise).toEqual({ kept: true })
  })

  it('refuses a secret in an identifying field, and stores none in any other', async () => {
    const secret = `qd_service_abcdefghijkl_${'S'.repeat(43)}`
    expect((await post('/records', JSON.stringify(event(`id-${secret}`)))).body.code).toBe('secret_in_id')
    await post(
      '/records',
      JSON.stringify(
        event('clean', {
          payload: { summary: `with ${secret}`, data: { password: 'hunter2', note: 'fine' } },
        }),
      ),
    )
    const stored = JSON.stringify((await ask('/records/clean')).body)
    expect(stored).not.toContain(secret)
    expect(stored).not.toContain('hunter2')
    expect(stored).toContain('fine')
  })

  it('refuses a host that is not ours, a foreign origin, and a foreign write by cookie', async () => {
    const { request } = await import('node:http')
    const status = (headers: Record<string, string>, method = 'GET', path = '/state') =>
      new Promise((resolve) => {
        const asked = request(
          `${stage.url}${path}`,
          { method, headers: { authorization: `Bearer ${stage.token}`, ...headers } },
          (response) => {
            response.resume()
            resolve(response.statusCode)
          },
        )
        asked.end()
      })
    expect(await status({ host: 'evil.example.com' })).toBe(421)
    expect(await status({ host: 'localhost:1' })).toBe(200)
    expect(await status({ origin: 'https://evil.example.com' })).toBe(403)
    expect(await status({ origin: 'null' })).toBe(403)
    const opened = await fetch(`${stage.url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: stage.token }),
    })
    const cookie = opened.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^console_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/)
    const write = (headers: Record<string, string>) =>
      fetch(`${stage.url}/records`, {
        method: 'POST',
        headers: { cookie: cookie.split(';')[0] ?? '', 'content-type': 'application/json', ...headers },
        body: JSON.stringify(event('by-cookie')),
      })
    expect((await write({})).status).toBe(403)
    expect((await write({ origin: stage.url })).status).toBe(200)
    expect((await write({ 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  it('tells pages elsewhere what they may do, if they are allowed', async () => {
    const next = await openStage({ CONSOLE_ALLOWED_ORIGINS: 'https://board.example.com' })
    const preflight = await fetch(`${next.url}/records`, {
      method: 'OPTIONS',
      headers: { origin: 'https://board.example.com', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://board.example.com')
    expect(preflight.headers.get('access-control-allow-methods')).toBe('POST, GET')
    const answer = await fetch(`${next.url}/state`, {
      headers: { origin: 'https://board.example.com', authorization: `Bearer ${next.token}` },
    })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://board.example.com',
    ])
    await next.stop()
  })

  it('is described by an OpenAPI document that names every operation', async () => {
    const { body } = await ask('/openapi.json', { token: null })
    expect(body.openapi).toBe('3.1.0')
    const named = Object.values<Record<string, { operationId: string }>>(body.paths).flatMap((path) =>
      Object.values(path).map((one) => one.operationId),
    )
    expect(named.sort()).toEqual(
      operations()
        .map((one) => one.name)
        .sort(),
    )
    const get = body.paths['/state/{kind}/{product}/{id}'].get
    expect(get.parameters.map((one: { name: string; in: string }) => `${one.in}:${one.name}`)).toEqual([
      'path:kind',
      'path:product',
      'path:id',
      'query:at',
    ])
  })

  it('answers probes and the version without a credential', async () => {
    expect((await ask('/healthz', { token: null })).body).toMatchObject({
      status: 'ok',
      ok: true,
      mode: 'local',
      service: 'Quarterdeck',
    })
    expect((await ask('/readyz', { token: null })).body).toMatchObject({
      status: 'ready',
      ok: true,
      failing: [],
    })
    expect((await ask('/health', { token: null })).status).toBe(200)
    expect((await ask('/ready', { token: null })).status).toBe(200)
    expect((await ask('/version', { token: null })).body).toEqual({ version: '0.1.0' })
  })

  it('switches an area off and leaves its reads on', async () => {
    const next = await openStage({ FLAG_RECORDS: 'false' })
    await expect(next.client.records.append(event('x'))).rejects.toMatchObject({ code: 'switched_off' })
    expect((await next.client.records.state({})).position).toBe(0)
    expect(
      await next.client.telemetry.append({
        schema_version: '1',
        event_type: 't',
        session_id: 's',
        event_id: 'e',
      }),
    ).toMatchObject({ status: 'accepted' })
    await next.stop()
  })
})
