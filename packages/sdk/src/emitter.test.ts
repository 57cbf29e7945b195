import { describe, expect, test, vi } from 'vitest'
import { createEmitter, type EmitterOptions, memorySink } from './emitter.ts'
import { memoryOutbox } from './outbox.ts'

type Line = Record<string, unknown>

/** A server that stores by id, and can be away or refuse; every request it got is kept. */
function scriptedServer() {
  const stored = new Map<string, Line>()
  const requests: { path: string; records: Line[]; token: string | null }[] = []
  const waits: number[] = []
  let answer: ((records: Line[]) => Response | undefined) | undefined
  const options: Pick<EmitterOptions, 'url' | 'fetch' | 'pause' | 'random'> = {
    url: 'http://deck.example',
    random: () => 1,
    // Retries wait for nothing but the event loop.
    pause: async (ms) => {
      waits.push(ms)
      await new Promise((resolve) => setTimeout(resolve, 1))
    },
    fetch: async (url, init) => {
      const records: Line[] = JSON.parse(String(init?.body))
      requests.push({
        path: new URL(String(url)).pathname,
        records,
        token: new Headers(init?.headers).get('authorization'),
      })
      const scripted = answer?.(records)
      if (scripted !== undefined) return scripted
      return Response.json({ receipts: records.map((record) => receive(record)), counts: {} })
    },
  }
  function receive(record: Line) {
    const id = String(record.id ?? record.event_id ?? record.run_id ?? record.subjectId)
    const status = stored.has(id) ? 'duplicate' : 'accepted'
    stored.set(id, record)
    return { id, status }
  }
  return {
    options,
    stored,
    requests,
    waits,
    receive,
    answers: (with_: typeof answer) => {
      answer = with_
    },
  }
}

const away = () => {
  throw new TypeError('fetch failed')
}
const problem = (status: number, code: string, headers = {}) =>
  Response.json({ type: 'x', title: code, status, code }, { status, headers })

const event = (more: object = {}) =>
  ({
    schema: 'console.event',
    type: 'process.started',
    scope: { kind: 'repo', id: 'shop' },
    subject: { product: 'flow', kind: 'process', id: 'run-7' },
    payload: {},
    ...more,
  }) as const
const measurement = (more: object = {}) =>
  ({ schema_version: '0.3.0', event_type: 'tool.result', session_id: 's-1', ...more }) as const

function emitterOf(server: ReturnType<typeof scriptedServer>, more: Partial<EmitterOptions> = {}) {
  return createEmitter({
    ...server.options,
    token: 'secret',
    producer: { id: 'runner', product: 'flow' },
    outbox: memoryOutbox(),
    now: () => Date.parse('2026-11-20T09:00:00Z'),
    ...more,
  })
}

describe('an emitter', () => {
  test('completes what it is told and delivers it in order', async () => {
    const server = scriptedServer()
    const emitter = emitterOf(server)
    expect(await emitter.emit(event({ id: 'a' }))).toBe('a')
    const made = await emitter.emit(event())
    await emitter.telemetry(measurement({ event_id: 't' }))
    await vi.waitFor(() => expect(emitter.status().pending).toBe(0))
    expect([...server.stored.values()]).toMatchObject([
      {
        id: 'a',
        version: '0.1',
        sequence: 1,
        occurredAt: '2026-11-20T09:00:00.000Z',
        producer: { id: 'runner' },
      },
      { id: made, sequence: 2 },
      { event_id: 't', sequence: 1, timestamp: 1795165200000, producer: { product: 'flow' } },
    ])
    expect(server.requests[0]?.token).toBe('Bearer secret')
    await emitter.close()
  })

  test('keeps everything that must not be lost while the server is away, and delivers it once it is back', async () => {
    const server = scriptedServer()
    server.answers(away)
    const emitter = emitterOf(server)
    const projection = {
      schema: 'console.projection',
      scope: { kind: 'repo', id: 'shop' },
      derivedFrom: { mode: 'event_replay' },
    } as const
    await emitter.emit(event({ id: 'a' }))
    await emitter.emit({ ...projection, id: 'p-1', generatedAt: '2026-11-20T08:00:00Z' })
    await emitter.emit({ ...projection, id: 'p-3', generatedAt: '2026-11-20T08:02:00Z' })
    await emitter.emit({ ...projection, id: 'p-2', generatedAt: '2026-11-20T08:01:00Z' })
    await emitter.emit({ ...projection, id: 'q', scope: { kind: 'repo', id: 'other' } })
    const alive = { schema: 'console.liveness', subjectId: 'run-7', actor: 'builder' } as const
    await emitter.emit({ ...alive, type: 'claim', at: '2026-11-20T08:00:00Z' })
    await emitter.emit({ ...alive, type: 'release', at: '2026-11-20T08:01:00Z' })
    await emitter.emit({ ...alive, type: 'heartbeat', at: '2026-11-20T08:01:00Z' })
    await emitter.emit(event({ id: 'b' }))
    expect(await emitter.flush()).toEqual([])
    expect(emitter.status()).toMatchObject({ pending: 5, undelivered: 0, dropped: 0 })

    server.answers(undefined)
    await vi.waitFor(() => expect(emitter.status().pending).toBe(0))
    expect([...server.stored.keys()]).toEqual(['a', 'p-3', 'q', 'run-7', 'b'])
    expect(server.stored.get('run-7')).toMatchObject({ type: 'release' })
    // What was superseded took no number: no false gap.
    expect([server.stored.get('a')?.sequence, server.stored.get('b')?.sequence]).toEqual([1, 2])
    await emitter.close()
  })

  test('tries again after 250 ms, doubling to 30 s, or as long as it is asked to', async () => {
    const server = scriptedServer()
    let tries = 0
    server.answers(() => {
      tries += 1
      if (tries <= 9) return problem(503, 'not_ready')
      if (tries === 10) return problem(429, 'rate_limited', { 'retry-after': '60' })
      if (tries === 11) return problem(401, 'unauthenticated')
      return undefined
    })
    const emitter = emitterOf(server)
    await emitter.emit(event({ id: 'a' }))
    await vi.waitFor(() => expect(emitter.status().pending).toBe(0))
    expect(server.waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 60000, 30000])
    await emitter.close()
  })

  test('sends at most 1,000 records and 4 MiB at once', async () => {
    const server = scriptedServer()
    server.answers(away)
    const emitter = emitterOf(server)
    await Promise.all(Array.from({ length: 1_001 }, (_, index) => emitter.emit(event({ id: `e-${index}` }))))
    const blob = 'x'.repeat(200_000)
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        emitter.telemetry(measurement({ event_id: `t-${index}`, blob })),
      ),
    )
    server.answers(undefined)
    server.requests.length = 0
    const receipts = await emitter.flush()
    expect(receipts).toHaveLength(1_031)
    const sizes = server.requests.map(({ path, records }) => `${path} ${records.length}`)
    expect(sizes.toSorted()).toEqual([
      '/records 1',
      '/records 1000',
      '/telemetry/records 10',
      '/telemetry/records 20',
    ])
    await emitter.close()
  })

  test('keeps 10,000 measurements and counts the older ones it drops', async () => {
    const server = scriptedServer()
    server.answers(away)
    const emitter = emitterOf(server)
    await Promise.all(
      Array.from({ length: 10_003 }, (_, index) =>
        emitter.telemetry(measurement({ event_id: `t-${index}` })),
      ),
    )
    expect(emitter.status()).toMatchObject({ pending: 10_000, dropped: 3 })
    server.answers(undefined)
    await emitter.flush()
    expect(server.stored.has('t-2')).toBe(false)
    expect(server.stored.get('t-3')).toMatchObject({ sequence: 4 })
    await emitter.close()
  })

  test('sets aside what is refused, record by record, and goes on', async () => {
    const server = scriptedServer()
    server.answers((records) =>
      Response.json({
        receipts: records.map((record) =>
          record.id === 'bad'
            ? {
                id: 'bad',
                status: 'rejected',
                code: 'secret_in_id',
                issues: [{ path: ['id'], message: 'no' }],
              }
            : record.id === 'twice'
              ? { id: 'twice', status: 'conflict' }
              : server.receive(record),
        ),
      }),
    )
    const emitter = emitterOf(server)
    for (const id of ['a', 'bad', 'twice', 'b']) await emitter.emit(event({ id }))
    await vi.waitFor(() => expect(emitter.status()).toMatchObject({ pending: 0, undelivered: 2 }))
    expect(emitter.undelivered()).toMatchObject([
      { sink: 'http', code: 'secret_in_id', issues: [{ path: ['id'], message: 'no' }], kept: { id: 'bad' } },
      { sink: 'http', code: 'record_conflict', kept: { id: 'twice' } },
    ])
    expect([...server.stored.keys()]).toEqual(['a', 'b'])
    await emitter.close()
  })

  test('finds the one record for which a whole batch is refused', async () => {
    const server = scriptedServer()
    server.answers((records) =>
      records.some(({ id }) => id === 'e-137') ? problem(422, 'invalid') : undefined,
    )
    const emitter = emitterOf(server)
    await Promise.all(Array.from({ length: 300 }, (_, index) => emitter.emit(event({ id: `e-${index}` }))))
    await vi.waitFor(() => expect(emitter.status()).toMatchObject({ pending: 0, undelivered: 1 }))
    expect(emitter.undelivered()[0]?.kept.id).toBe('e-137')
    expect(server.stored.size).toBe(299)
    await emitter.close()
  })

  test('gives up a batch that it may not send', async () => {
    const server = scriptedServer()
    server.answers(() => problem(403, 'forbidden'))
    const emitter = emitterOf(server)
    await emitter.emit(event())
    await emitter.flush()
    expect(emitter.undelivered()).toMatchObject([{ code: 'forbidden' }])
    await emitter.close()
  })

  test('refuses a record that no server would take', async () => {
    const server = scriptedServer()
    const emitter = emitterOf(server)
    const large = emitter.emit(event({ payload: { summary: 'x'.repeat(262_144) } }))
    await expect(large).rejects.toMatchObject({ code: 'body_too_large' })
    await emitter.emit(event({ id: 'a' }))
    await emitter.flush()
    expect(server.stored.get('a')).toMatchObject({ sequence: 1 })
    await emitter.close()
  })

  test('reports its sinks apart', async () => {
    const server = scriptedServer()
    server.answers(away)
    const memory = memorySink()
    const { httpSink } = await import('./emitter.ts')
    const http = httpSink({ url: 'http://deck.example', token: 't', fetch: server.options.fetch ?? fetch })
    const emitter = emitterOf(server, { sinks: [http, memory] })
    await emitter.emit(event({ id: 'a' }))
    await vi.waitFor(() => expect(memory.taken).toMatchObject([{ id: 'a' }]))
    await vi.waitFor(() =>
      expect(emitter.status().sinks).toEqual({
        http: { pending: 1, undelivered: 0 },
        memory: { pending: 0, undelivered: 0 },
      }),
    )
    await emitter.close()
    await expect(emitter.emit(event())).rejects.toMatchObject({ code: 'draining' })
  })
})
