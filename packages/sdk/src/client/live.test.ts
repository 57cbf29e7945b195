import { describe, expect, test, vi } from 'vitest'
import { createClient, type StreamStatus } from '../client.ts'
import type { Fault } from '../errors.ts'
import type { FunctionDefinition } from '../functions/backend.ts'
import type { ClientApp } from '../functions/client-app.ts'
import { createLiveHook } from '../live-hook.ts'

type Board = FunctionDefinition<[string?], string[]>
const app: ClientApp<
  { board: Board; people: Board; write: Board },
  'board' | 'people' | 'write',
  'board' | 'people'
> = {
  functions: {
    board: { writes: false, live: true },
    people: { writes: false, live: true },
    write: { writes: true, live: false },
  },
}

/** A feed whose connections are kept, to be spoken on; topics in `refused` are refused as a whole stream is. */
function feed(refused: Readonly<Record<string, readonly [string, number]>> = {}) {
  const connections: {
    topics: string[]
    closed: boolean
    say(event: string, data: object, id?: string): void
  }[] = []
  const client = createClient({
    url: 'http://desk.example',
    app,
    random: () => 1,
    pause: async () => {},
    fetch: async (url, init) => {
      const topics = (new URL(String(url)).searchParams.get('topics') ?? '').split(',')
      const no = topics.map((topic) => refused[topic]).find((one) => one !== undefined)
      if (no !== undefined)
        return Response.json({ type: 'x', title: no[0], status: no[1], code: no[0] }, { status: no[1] })
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          const connection = {
            topics,
            closed: false,
            say: (event: string, data: object, id = '1') =>
              controller.enqueue(
                new TextEncoder().encode(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
              ),
          }
          connections.push(connection)
          init?.signal?.addEventListener('abort', () => {
            connection.closed = true
            controller.error(init.signal?.reason)
          })
        },
      })
      return new Response(body)
    },
  })
  const open = () => connections.filter(({ closed }) => !closed)
  return { client, connections, open }
}

const topicOf = (fn: string, args?: string) =>
  `functions.live/${fn}${args === undefined ? '' : `?args=${Buffer.from(args).toString('base64url')}`}`
const opened = (at: ReturnType<typeof feed>, count: number) =>
  vi.waitFor(() => expect(at.open()).toHaveLength(count))

describe('a live query', () => {
  test('names its arguments in its topic, and gives each new result until it is stopped', async () => {
    const at = feed()
    const results: unknown[] = []
    const statuses: StreamStatus[] = []
    const stop = at.client.live.board(['ü?'], (result) => results.push(result), {
      onStatus: (status) => statuses.push(status),
    })
    await opened(at, 1)
    const topic = topicOf('board', '["ü?"]')
    const [one] = at.open()
    expect(one?.topics).toEqual([topic])
    one?.say('snapshot', { topic, position: 3, result: ['a'] })
    one?.say('snapshot', { topic, position: 3, result: ['a'] })
    one?.say('snapshot', { topic, position: 5, result: ['b'] })
    await vi.waitFor(() => expect(results).toHaveLength(2))
    expect(results).toEqual([
      { result: ['a'], position: 3 },
      { result: ['b'], position: 5 },
    ])
    stop()
    await opened(at, 0)
    expect(statuses).toEqual(['connecting', 'live'])
  })

  test('tells of a run that failed, and goes on', async () => {
    const at = feed()
    const told: unknown[] = []
    at.client.live.board([], ({ result }) => told.push(result), { onProblem: ({ code }) => told.push(code) })
    await opened(at, 1)
    const topic = topicOf('board')
    const problem = { type: 'x', title: 'no', status: 403, code: 'forbidden' }
    at.open()[0]?.say('snapshot', { topic, position: 3, result: 1 })
    at.open()[0]?.say('snapshot', { topic, position: 4, problem })
    at.open()[0]?.say('snapshot', { topic, position: 4, result: 2 })
    await vi.waitFor(() => expect(told).toEqual([1, 'forbidden', 2]))
  })

  test('shares one connection with all others, and a result with those that ask the same', async () => {
    const at = feed()
    const told: string[] = []
    at.client.live.board([], () => told.push('board'))
    const stop = at.client.live.people([], () => told.push('people'))
    await opened(at, 1)
    expect(at.connections).toHaveLength(1)
    expect(at.open()[0]?.topics).toEqual([topicOf('board'), topicOf('people')])
    at.open()[0]?.say('snapshot', { topic: topicOf('board'), position: 1, result: 1 })
    await vi.waitFor(() => expect(told).toEqual(['board']))
    at.client.live.board([], () => told.push('again'))
    await vi.waitFor(() => expect(told).toEqual(['board', 'again']))
    expect(at.connections).toHaveLength(1)

    const statuses: StreamStatus[] = []
    at.client.live.board(['x'], () => {}, { onStatus: (status) => statuses.push(status) })
    stop()
    await vi.waitFor(() =>
      expect(at.open()[0]?.topics).toEqual([topicOf('board'), topicOf('board', '["x"]')]),
    )
    expect(at.open()).toHaveLength(1)
    await vi.waitFor(() => expect(statuses.at(-1)).toBe('live'))
  })

  test('that is refused ends alone: those that shared its connection go on', async () => {
    const at = feed({ [topicOf('people')]: ['forbidden', 403] })
    const told: string[] = []
    const hear = (name: string) => ({
      onProblem: (fault: Fault) => told.push(`${name} ${fault.code}`),
      onStatus: (status: StreamStatus) => told.push(`${name} ${status}`),
    })
    at.client.live.board([], () => told.push('board result'), hear('board'))
    at.client.live.people([], () => told.push('never'), hear('people'))
    await opened(at, 1)
    expect(at.open()[0]?.topics).toEqual([topicOf('board')])
    at.open()[0]?.say('snapshot', { topic: topicOf('board'), position: 1, result: 1 })
    await vi.waitFor(() => expect(told).toContain('board result'))
    expect(told).toEqual(expect.arrayContaining(['people forbidden', 'people closed', 'board live']))
    expect(told).not.toContain('board closed')
  })

  test('ends with its credential', async () => {
    const at = feed({ [topicOf('people')]: ['credential_expired', 401] })
    const told: string[] = []
    at.client.live.board([], () => {}, { onProblem: ({ code }) => told.push(`board ${code}`) })
    at.client.live.people([], () => {}, { onProblem: ({ code }) => told.push(`people ${code}`) })
    await vi.waitFor(() => expect(told).toEqual(['board credential_expired', 'people credential_expired']))
    expect(at.connections).toEqual([])
  })
})

describe('changes of a table', () => {
  test('are told commit by commit from where they were asked', async () => {
    const at = feed()
    const told: unknown[] = []
    const stop = at.client.changes('tickets', (changes, position) => told.push([position, changes.length]), {
      onJoin: (position) => told.push(`from ${position}`),
      onGap: ({ reason }) => told.push(reason),
    })
    await opened(at, 1)
    const topic = 'functions.change/tickets'
    const [one] = at.open()
    expect(one?.topics).toEqual([topic])
    one?.say('snapshot', { topic, position: 3 })
    one?.say('delta', { topic, position: 4, changes: [{ table: 'tickets', type: 'delete', id: 'a' }] })
    one?.say('gap', { topic, from: 4, to: 9, reason: 'pruned' })
    await vi.waitFor(() => expect(told).toEqual(['from 3', [4, 1], 'pruned']))
    stop()
    await opened(at, 0)
  })
})

describe('the hook', () => {
  test('shares a query between components, and ends it with the last of them', async () => {
    const at = feed()
    const leave: (() => void)[] = []
    // What React does, without React: subscribes where a component is mounted, and reads while it draws.
    const useQuery = createLiveHook((subscribe, read) => {
      leave.push(subscribe(() => {}))
      return read()
    })
    const draw = () => useQuery(at.client.live.board, ['open'])
    expect(draw()).toEqual({ result: undefined, problem: null, status: 'connecting' })
    draw()
    await opened(at, 1)
    const topic = topicOf('board', '["open"]')
    at.open()[0]?.say('snapshot', { topic, position: 1, result: ['a'] })
    await vi.waitFor(() => expect(draw()).toEqual({ result: ['a'], problem: null, status: 'live' }))
    expect(draw()).toBe(draw())
    expect(at.connections).toHaveLength(1)
    for (const one of leave.splice(0)) one()
    await opened(at, 0)
  })
})
