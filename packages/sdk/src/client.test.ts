import { describe, expect, test } from 'vitest'
import { createClient } from './client.ts'
import { Fault } from './errors.ts'

/** A client whose server is a script; what it was sent is kept. */
function scripted(answer: () => Response | Promise<Response>, token?: string) {
  const sent: { url: string; init: RequestInit & { headers: Headers } }[] = []
  const client = createClient({
    url: 'https://deck.example/',
    ...(token === undefined ? {} : { token }),
    now: () => Date.parse('2026-11-20T09:00:00Z'),
    fetch: async (url, init) => {
      sent.push({ url: String(url), init: { ...init, headers: new Headers(init?.headers) } })
      return answer()
    },
  })
  return { client, sent }
}

const json = (value: unknown, status = 200, headers = {}) => Response.json(value, { status, headers })
const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a call', () => {
  test('puts path parameters percent-encoded and the rest into the query', async () => {
    const { client, sent } = scripted(() => json({ object: {}, events: [] }), 'secret')
    await client.records.object({ kind: 'gates', product: 'flow', id: 'run-7/tests ü?', at: 12 })
    expect(sent[0]?.url).toBe('https://deck.example/state/gates/flow/run-7%2Ftests%20%C3%BC%3F?at=12')
    expect(sent[0]?.init.method).toBe('GET')
    expect(sent[0]?.init.headers.get('authorization')).toBe('Bearer secret')
    expect(sent[0]?.init.body).toBeUndefined()
  })

  test('repeats arrays in the query and leaves out what is not there', async () => {
    const { client, sent } = scripted(() => json({}))
    await client.telemetry.query({ preset: '24h', q: undefined, filter: ['tool:run tests', 'outcome:fail'] })
    expect(sent[0]?.url).toBe(
      'https://deck.example/telemetry?preset=24h&filter=tool%3Arun+tests&filter=outcome%3Afail',
    )
  })

  test('needs no input where all of it is optional', async () => {
    const { client, sent } = scripted(() => json({ position: 3 }))
    expect((await client.records.state()).position).toBe(3)
    expect(sent[0]?.url).toBe('https://deck.example/state')
    expect(sent[0]?.init.headers.get('authorization')).toBeNull()
  })

  test('sends fields, whole bodies and bytes each as the operation wants them', async () => {
    const { client, sent } = scripted(() => json({ receipts: [] }))
    await client.identity.openSession({ token: 't' })
    await client.records.append([{ id: 'a' }], { idempotencyKey: 'k-1' })
    await client.records.append('{"id":"a"}\n{"id":"b"}', { contentType: 'application/x-ndjson' })
    await client.telemetry.ingestTraces({ type: 'application/x-protobuf', bytes: new Uint8Array([1, 2]) })
    expect(sent.map(({ init }) => [init.headers.get('content-type'), init.body])).toEqual([
      ['application/json', '{"token":"t"}'],
      ['application/json', '[{"id":"a"}]'],
      ['application/x-ndjson', '{"id":"a"}\n{"id":"b"}'],
      ['application/x-protobuf', new Uint8Array([1, 2])],
    ])
    expect(sent[1]?.init.headers.get('idempotency-key')).toBe('k-1')
  })

  test('answers nothing for 204', async () => {
    const { client } = scripted(() => new Response(null, { status: 204 }))
    expect(await client.identity.closeSession()).toBeUndefined()
  })

  test('refuses an id that a URL would swallow', async () => {
    const { client, sent } = scripted(() => json({}))
    expect(await caught(client.records.get({ id: '..' }))).toMatchObject({ code: 'invalid' })
    expect(sent).toEqual([])
  })
})

describe('a refusal', () => {
  test('is a fault with code, detail, issues and members', async () => {
    const problem = {
      type: 'https://quarterdeck.dev/problems/rate_limited',
      title: 'Too many requests',
      status: 429,
      detail: 'Slow down',
      code: 'rate_limited',
      requestId: 'r-1',
      policy: 'ingest',
      issues: [{ path: ['a', 0], message: 'no' }],
    }
    const { client } = scripted(() => json(problem, 429, { 'retry-after': '3' }))
    const error = await caught(client.records.state())
    expect(error).toBeInstanceOf(Fault)
    expect(error).toMatchObject({
      code: 'rate_limited',
      status: 429,
      message: 'Slow down',
      issues: problem.issues,
      members: { requestId: 'r-1', policy: 'ingest', httpStatus: 429, retryAfterMs: 3_000 },
    })
  })

  test('with a code of another build keeps it readable', async () => {
    const { client } = scripted(() =>
      json({ type: 'x', title: 'Moon in the wrong phase', status: 409, code: 'moon_phase' }, 409),
    )
    expect(await caught(client.records.state())).toMatchObject({
      code: 'write_conflict',
      message: 'Moon in the wrong phase',
      members: { code: 'moon_phase', httpStatus: 409 },
    })
  })

  test('by a proxy that speaks no problem+json still names its status', async () => {
    const { client } = scripted(
      () => new Response('<h1>Bad gateway</h1>', { status: 502, statusText: 'Bad Gateway' }),
    )
    expect(await caught(client.records.state())).toMatchObject({
      code: 'dependency_unavailable',
      message: 'The server answered 502 Bad Gateway',
    })
  })

  test('by nobody at all says that the server was not reached', async () => {
    const { client } = scripted(() => Promise.reject(new TypeError('fetch failed')))
    expect(await caught(client.records.state())).toMatchObject({
      code: 'dependency_unavailable',
      members: { unreachable: true },
    })
  })

  test('of the caller itself stays an abort', async () => {
    const { client } = scripted(() => Promise.reject(new DOMException('aborted', 'AbortError')))
    expect(await caught(client.records.state({}, { signal: AbortSignal.abort() }))).toMatchObject({
      name: 'AbortError',
    })
  })
})
