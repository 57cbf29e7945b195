import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createClient } from '../client.ts'
import { Fault } from '../errors.ts'
import type { FunctionDefinition } from '../functions/backend.ts'
import type { ClientApp } from '../functions/client-app.ts'

type Any = FunctionDefinition<unknown[], unknown>
const app: ClientApp<{ openTicket: Any; count: Any; raw: Any }> = {
  functions: {
    openTicket: { writes: true, live: false },
    count: { writes: false, live: true },
    raw: { writes: false, live: false },
  },
}

interface Asked {
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
type Answer = (response: ServerResponse, asked: Asked) => void

let close = () => {}
afterEach(() => close())

/** The wire, spoken by a script of answers; what was asked is kept. The last answer holds for all that follow. */
async function wire(...answers: readonly Answer[]) {
  const asked: Asked[] = []
  const waits: number[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const one = { line: `${request.method} ${request.url}`, headers: request.headers, body }
    asked.push(one)
    answers[Math.min(asked.length, answers.length) - 1]?.(response, one)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => {
    server.closeAllConnections()
    server.close()
  }
  let key = 0
  const client = createClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: 't',
    app,
    random: () => 1,
    newKey: () => `key-${++key}`,
    pause: async (ms) => {
      waits.push(ms)
    },
  })
  return { client, asked, waits }
}

const json =
  (value: unknown, status = 200, headers = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
const refuse =
  (code: string, status: number, headers = {}): Answer =>
  (response) =>
    response
      .writeHead(status, { 'content-type': 'application/problem+json', ...headers })
      .end(JSON.stringify({ type: 'x', title: code, status, code }))
const cut: Answer = (response) => response.destroy()
const half: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
  response.write('{"res', () => response.destroy())
}
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing',
    (error: unknown) => (error instanceof Fault ? error.code : String(error)),
  )

describe('a call of a function', () => {
  test('sends its arguments as a list, with what JSON has no form for as text', async () => {
    const { client, asked } = await wire(json({ result: 'id-1' }))
    const when = new Date('2026-05-03T10:00:00Z')
    const given = [
      [1],
      12345678901234567890n,
      when,
      new Uint8Array([251, 255]),
      { due: when },
      undefined,
      undefined,
    ]
    expect(await client.rpc.openTicket(...given)).toBe('id-1')
    expect(asked[0]?.line).toBe('POST /rpc/openTicket')
    expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer t', 'content-type': 'application/json' })
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual([
      [1],
      '12345678901234567890',
      '2026-05-03T10:00:00.000Z',
      '-_8',
      { due: '2026-05-03T10:00:00.000Z' },
    ])
    await client.rpc.count()
    expect(asked[1]?.body).toBe('[]')
    expect(() => client.rpc.count(new Date(Number.NaN))).toThrow(TypeError)
  })

  test('answers nothing for a function that gave nothing, and null for null', async () => {
    const { client } = await wire(json({}), json({ result: null }))
    expect(await client.rpc.count()).toBeUndefined()
    expect(await client.rpc.count()).toBeNull()
  })

  test('hands on what a function answered as it is, refusals of its own among them', async () => {
    const sandbox = { 'content-security-policy': 'sandbox' }
    const { client } = await wire(
      (response) => response.writeHead(418, { 'content-type': 'text/html', ...sandbox }).end('<b>tea</b>'),
      (response) =>
        response.writeHead(200, { 'content-type': 'image/png', ...sandbox }).end(Buffer.from([1, 2])),
      json({ result: 'mine' }, 200, sandbox),
      (response) => response.writeHead(204, sandbox).end(),
      // As a page elsewhere sees it that may not read the policy.
      (response) => response.writeHead(200, { 'content-type': 'text/csv' }).end('a,b'),
    )
    const answers = []
    for (let n = 0; n < 5; n += 1) answers.push(await client.rpc.raw())
    expect(answers).toMatchObject([
      { status: 418, headers: { 'content-type': 'text/html' }, body: '<b>tea</b>' },
      { status: 200, body: new Uint8Array([1, 2]) },
      { status: 200, body: '{"result":"mine"}' },
      { status: 204, body: '' },
      { status: 200, body: 'a,b' },
    ])
  })

  test('of a name that there is not is no function, and the client is no promise', async () => {
    const { client } = await wire(json({}))
    const rpc = client.rpc as Readonly<Record<string, unknown>>
    expect(rpc.then).toBeUndefined()
    expect(rpc.constructor).toBeUndefined()
    expect(rpc.opnTicket).toBeUndefined()
    expect(await client.rpc).toBe(client.rpc)
  })
})

describe('a write', () => {
  test('is repeated under one key after a conflict, a lost answer, a torn one and a busy server', async () => {
    const { client, asked, waits } = await wire(
      refuse('write_conflict', 409),
      cut,
      half,
      refuse('overloaded', 503, { 'retry-after': '2' }),
      json({ result: 'id-1' }),
    )
    expect(await client.rpc.openTicket('a')).toBe('id-1')
    expect(asked.map(({ headers }) => headers['idempotency-key'])).toEqual(Array(5).fill('key-1'))
    expect(new Set(asked.map(({ body }) => body))).toEqual(new Set(['["a"]']))
    expect(waits).toEqual([100, 200, 400, 2_000])
    await client.rpc.openTicket('a')
    expect(asked.at(-1)?.headers['idempotency-key']).toBe('key-2')
  })

  test('is not repeated for ever, nor after a refusal that would come again', async () => {
    const lost = await wire(cut)
    expect(await codeOf(lost.client.rpc.openTicket('a'))).toBe('dependency_unavailable')
    expect(lost.asked).toHaveLength(6)
    for (const [code, status] of [
      ['unique_violation', 409],
      ['invalid', 422],
      ['switched_off', 503],
      ['not_migrated', 503],
      ['internal', 500],
      ['deadline_exceeded', 504],
    ] as const) {
      const { client, asked } = await wire(refuse(code, status))
      expect(await codeOf(client.rpc.openTicket('a'))).toBe(code)
      expect(asked).toHaveLength(1)
      close()
    }
  })

  test('takes a key, a deadline, how often and a signal from its caller', async () => {
    const { client, asked } = await wire(refuse('write_conflict', 409))
    const once = client.rpc.openTicket.with({ idempotencyKey: 'mine', deadlineMs: 800, repeats: 0 })
    expect(await codeOf(once('a'))).toBe('write_conflict')
    expect(asked).toHaveLength(1)
    expect(asked[0]?.headers['idempotency-key']).toBe('mine')
    expect(Number(asked[0]?.headers['x-deadline-ms'])).toBeGreaterThan(0)
    // The first wait would already outlast what the caller gave.
    expect(await codeOf(client.rpc.openTicket.with({ deadlineMs: 50 })('a'))).toBe('write_conflict')
    expect(asked).toHaveLength(2)
    const stopped = client.rpc.openTicket.with({ signal: AbortSignal.abort() })
    expect(await codeOf(stopped('a'))).toMatch(/^AbortError/)
    expect(asked).toHaveLength(2)
  })
})

describe('a read', () => {
  test('is repeated when its answer is lost, without a key', async () => {
    const { client, asked } = await wire(cut, json({ result: 3 }))
    expect(await client.rpc.count()).toBe(3)
    expect(asked.map(({ headers }) => headers['idempotency-key'])).toEqual([undefined, undefined])
  })
})

describe('a transaction', () => {
  const begun = json({ sessionId: 's-1', snapshot: 7, expiresAt: 'x' }, 201)
  const lines = (asked: readonly Asked[]) => asked.map(({ line }) => line)

  test('runs its calls one after another in one session, and commits them', async () => {
    let open = 0
    const call: Answer = (response, { body }) => {
      expect(++open).toBe(1)
      setTimeout(() => {
        open -= 1
        json({ result: JSON.parse(body)[0] })(response, {} as Asked)
      }, 20)
    }
    const { client, asked } = await wire(begun, call, call, json({ number: 8 }))
    const result = await client.transaction(async ({ rpc, snapshot }) => [
      snapshot,
      ...(await Promise.all([rpc.openTicket('a'), rpc.openTicket('b')])),
    ])
    expect(result).toEqual([7, 'a', 'b'])
    expect(lines(asked)).toEqual([
      'POST /tx',
      'POST /rpc/openTicket',
      'POST /rpc/openTicket',
      'POST /tx/s-1/commit',
    ])
    expect(asked[1]?.headers).toMatchObject({ 'x-session-id': 's-1' })
    expect(asked[1]?.headers['idempotency-key']).toBeUndefined()
  })

  test('is dropped when its work throws, and repeats no call', async () => {
    const gone: Answer = (response) => response.writeHead(204).end()
    const thrown = await wire(begun, gone)
    await expect(
      thrown.client.transaction(async () => {
        throw new RangeError('no')
      }),
    ).rejects.toThrow(RangeError)
    expect(lines(thrown.asked)).toEqual(['POST /tx', 'DELETE /tx/s-1'])
    close()
    const lost = await wire(begun, cut, gone)
    expect(await codeOf(lost.client.transaction(({ rpc }) => rpc.openTicket('a')))).toBe(
      'dependency_unavailable',
    )
    expect(lines(lost.asked)).toEqual(['POST /tx', 'POST /rpc/openTicket', 'DELETE /tx/s-1'])
  })

  test('repeats a commit whose answer was lost under one key, and says when it cannot know', async () => {
    const told = await wire(begun, cut, json({ number: 8 }))
    expect(await told.client.transaction(async () => 'done')).toBe('done')
    expect(new Set(told.asked.slice(1).map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    close()
    const unknown = await wire(begun, cut, refuse('not_found', 404))
    expect(await codeOf(unknown.client.transaction(async () => 'done'))).toBe('outcome_unknown')
  })

  test('is run anew after a conflict where its caller says so', async () => {
    const conflict = refuse('write_conflict', 409)
    const gone: Answer = (response) => response.writeHead(204).end()
    const { client, asked } = await wire(begun, conflict, gone, begun, json({ number: 9 }))
    expect(await client.transaction(async () => 'done', { repeats: 1 })).toBe('done')
    expect(lines(asked)).toEqual([
      'POST /tx',
      'POST /tx/s-1/commit',
      'DELETE /tx/s-1',
      'POST /tx',
      'POST /tx/s-1/commit',
    ])
  })

  test('takes no call once it is over', async () => {
    const { client } = await wire(begun, json({ number: null }))
    const kept = await client.transaction(async (tx) => tx)
    await expect(kept.rpc.count()).rejects.toThrow('the transaction is over')
  })
})
