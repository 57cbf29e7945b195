import { describe, expect, test, vi } from 'vitest'
import { createClient, type StreamEvent, type StreamStatus } from '../client.ts'

type Step = {
  readonly text?: string
  readonly hold?: boolean
  readonly response?: Response
  readonly away?: boolean
}

/** A client whose feed answers connection after connection from a script. */
function scripted(steps: readonly Step[]) {
  const asked: (string | null)[] = []
  const waits: number[] = []
  let next = 0
  const client = createClient({
    url: 'http://deck.example',
    random: () => 1,
    pause: async (ms) => {
      waits.push(ms)
    },
    fetch: async (_url, init) => {
      asked.push(new Headers(init?.headers).get('last-event-id'))
      const step = steps[next++] ?? { hold: true }
      if (step.away) throw new TypeError('fetch failed')
      if (step.response) return step.response
      return new Response(bodyOf(step, init?.signal ?? undefined))
    },
  })
  return { client, asked, waits }
}

function bodyOf(step: Step, signal: AbortSignal | undefined): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(step.text ?? ''))
      if (step.hold) signal?.addEventListener('abort', () => controller.error(signal.reason))
      else controller.close()
    },
  })
}

const frame = (id: string | undefined, event: string, data: object) =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

const delta = (position: number) => frame(`${position}.-`, 'delta', { topic: 'records', position, items: [] })

function follow(script: ReturnType<typeof scripted>, after?: string) {
  const events: StreamEvent<'records' | 'telemetry'>[] = []
  const statuses: StreamStatus[] = []
  const ends: unknown[] = []
  const stream = script.client.stream(['records', 'telemetry'], {
    ...(after === undefined ? {} : { after }),
    onEvent: (event) => events.push(event),
    onStatus: (status) => statuses.push(status),
    onEnd: (fault) => ends.push(fault?.code ?? null),
  })
  return { stream, events, statuses, ends }
}

describe('a stream', () => {
  test('comes back after a cut with the id of the last whole event', async () => {
    const script = scripted([
      { text: `retry: 100\n\n${delta(1)}${delta(2)}id: 3.-\nevent: delta\ndata: {"half` },
      { away: true },
      { away: true },
      { text: delta(3), hold: true },
    ])
    const { stream, events, statuses } = follow(script)
    await vi.waitFor(() => expect(events).toHaveLength(3))
    expect(script.asked).toEqual([null, '2.-', '2.-', '2.-'])
    expect(script.waits).toEqual([100, 200, 400])
    expect(events.map((event) => event.type === 'delta' && event.position)).toEqual([1, 2, 3])
    expect(stream.lastEventId).toBe('3.-')
    stream.close()
    await stream.ended
    expect(statuses).toEqual(['connecting', 'live', 'connecting', 'live', 'closed'])
  })

  test('begins after an id that another life has seen, and hands on gaps', async () => {
    const gap = { topic: 'records', from: 4, to: 20_000, reason: 'too_far' }
    const script = scripted([{ text: frame(undefined, 'gap', gap), hold: true }])
    const { stream, events } = follow(script, '4.-')
    await vi.waitFor(() => expect(events).toEqual([{ type: 'gap', ...gap }]))
    expect(script.asked).toEqual(['4.-'])
    stream.close()
    await stream.ended
  })

  test('ends when the credential is refused or revoked', async () => {
    const problem = { type: 'x', title: 'no', status: 401, code: 'unauthenticated' }
    const refused = follow(scripted([{ response: Response.json(problem, { status: 401 }) }]))
    await refused.stream.ended
    expect(refused.ends).toEqual(['unauthenticated'])

    const revoked = follow(
      scripted([{ text: delta(1) + frame(undefined, 'bye', { reason: 'revoked' }), hold: true }]),
    )
    await revoked.stream.ended
    expect(revoked.ends).toEqual(['credential_revoked'])
    expect(revoked.statuses.at(-1)).toBe('closed')
  })

  test('waits as long as the server asks', async () => {
    const busy = Response.json(
      { type: 'x', title: 'busy', status: 429, code: 'too_many_streams' },
      { status: 429, headers: { 'retry-after': '9' } },
    )
    const script = scripted([{ response: busy }, { text: delta(1), hold: true }])
    const { stream, events } = follow(script)
    await vi.waitFor(() => expect(events).toHaveLength(1))
    expect(script.waits).toEqual([9_000])
    stream.close()
    await stream.ended
  })

  test('is called stale after 5 s without a connection', async () => {
    vi.useFakeTimers()
    try {
      const client = createClient({ url: '', fetch: () => new Promise(() => {}) })
      const statuses: StreamStatus[] = []
      client.stream(['state'], { onEvent: () => {}, onStatus: (status) => statuses.push(status) })
      await vi.advanceTimersByTimeAsync(4_900)
      expect(statuses).toEqual(['connecting'])
      await vi.advanceTimersByTimeAsync(200)
      expect(statuses).toEqual(['connecting', 'stale'])
    } finally {
      vi.useRealTimers()
    }
  })

  test('of silence is a dead one and is opened again', async () => {
    vi.useFakeTimers()
    try {
      let connections = 0
      const client = createClient({
        url: '',
        fetch: async (_url, init) => {
          connections += 1
          return new Response(bodyOf({ text: ': hb\n', hold: true }, init?.signal ?? undefined))
        },
      })
      const stream = client.stream(['state'], { onEvent: () => {} })
      await vi.advanceTimersByTimeAsync(44_000)
      expect(connections).toBe(1)
      await vi.advanceTimersByTimeAsync(5_000)
      expect(connections).toBe(2)
      stream.close()
    } finally {
      vi.useRealTimers()
    }
  })

  test('of topics with a name in them asks for each as it is, and knows what each of them says', async () => {
    const paths: string[] = []
    const client = createClient({
      url: 'http://deck.example',
      fetch: async (url, init) => {
        paths.push(String(url))
        const data = { topic: 'functions.live/board?args=WyJvcGVuIl0', position: 7, result: ['a'] }
        return new Response(
          bodyOf({ text: frame('-.7', 'snapshot', data), hold: true }, init?.signal ?? undefined),
        )
      },
    })
    const seen: unknown[] = []
    const stream = client.stream(['functions.change/tickets', 'functions.live/board?args=WyJvcGVuIl0'], {
      onEvent(event) {
        if (event.type === 'delta' && event.topic === 'functions.change/tickets')
          seen.push(...event.changes.map(({ id, type, data }) => [id, type, data]))
        else if (event.type === 'snapshot' && event.topic !== 'functions.change/tickets')
          seen.push([event.position, event.result, event.problem])
      },
    })
    await vi.waitFor(() => expect(seen).toEqual([[7, ['a'], undefined]]))
    expect(paths).toEqual([
      'http://deck.example/stream?topics=functions.change%2Ftickets,functions.live%2Fboard%3Fargs%3DWyJvcGVuIl0',
    ])
    // @ts-expect-error: there is no such topic
    expect(() => client.stream(['functions.changes/tickets'], { onEvent() {} }).close()).not.toThrow()
    stream.close()
  })
})
