import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../../src/main/app/build-app.ts'
import { freshDatabase } from '../engines/databases.ts'
import { endAll, type Serving, serve } from '../program.ts'
import { readStream } from './sse.ts'

// Two processes on one Postgres serve one app: what must happen once happens once, and each hears of the other.
const token = 'token-of-a-service-on-two-processes-01'
const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-functions-'))
let database: Awaited<ReturnType<typeof freshDatabase>>
let [one, other]: (Serving | undefined)[] = []

const open = (name: string) =>
  serve({
    CONSOLE_DATA_DIR: join(folder, name),
    CONSOLE_APP: join(folder, 'dist'),
    CONSOLE_TELEMETRY_STORAGE: 'postgres',
    CONSOLE_KEEP_STORAGE: 'postgres',
    CONSOLE_DATABASE_URL: database.url,
    CONSOLE_AUTH_TOKEN: token,
    CONSOLE_SECRET: Array.from({ length: 32 }, (_, n) => (n * 7 + 3).toString(16).padStart(2, '0')).join(''),
    CONSOLE_LOG_LEVEL: 'silent',
    CONSOLE_LIMITS_JSON: JSON.stringify({ default: '100000/minute' }),
  })
const urls = () => [one?.url ?? '', other?.url ?? '']

beforeAll(async () => {
  database = await freshDatabase()
  await buildApp({ folder: join(import.meta.dirname, '../apps/trial'), out: join(folder, 'dist') })
  one = await open('one')
  other = await open('other')
}, 60_000)
afterAll(async () => {
  await endAll()
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

async function post(url: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
}
const rpc = (url: string, fn: string, args: unknown[], headers: Record<string, string> = {}) =>
  post(url, `/rpc/${fn}`, args, headers)

/** Calls until it is done: who is told of a conflict asks again. */
async function insist(url: string, fn: string, args: unknown[]): Promise<void> {
  for (;;) {
    const { status, body } = await rpc(url, fn, args)
    if (status === 200) return
    if (body.code !== 'write_conflict') throw new Error(`${fn}: ${body.code}`)
  }
}

describe('two processes on one database', () => {
  it('lose none of 400 increments that they make at once', { timeout: 120_000 }, async () => {
    const worker = async (url: string) => {
      for (let n = 0; n < 50; n += 1) await insist(url, 'increment', ['shared'])
    }
    await Promise.all(urls().flatMap((url) => [1, 2, 3, 4].map(() => worker(url))))
    for (const url of urls()) expect((await rpc(url, 'count', ['shared'])).body.result).toBe(400)
  })

  it('do what is repeated under one key at both of them once, and answer the same', async () => {
    const key = { 'idempotency-key': randomUUID() }
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => rpc(urls()[n % 2] ?? '', 'increment', ['keyed'], key)),
    )
    const done = answers.filter(({ status }) => status === 200)
    expect(done.length).toBeGreaterThan(0)
    expect(new Set(done.map(({ body }) => body.result))).toEqual(new Set([1]))
    const others = answers.filter(({ status }) => status !== 200).map(({ body }) => body.code)
    expect(new Set(others).size <= 1 && others.every((code) => code === 'idempotency_in_progress')).toBe(true)
    for (const url of urls()) expect((await rpc(url, 'increment', ['keyed'], key)).body.result).toBe(1)
    expect((await rpc(urls()[0] ?? '', 'count', ['keyed'])).body.result).toBe(1)
  })

  it('carry a session from one to the other, with its snapshot and what it wrote', async () => {
    const [here = '', there = ''] = urls()
    const { body } = await post(here, '/tx', {})
    const session = { 'x-session-id': String(body.sessionId) }
    expect((await rpc(here, 'increment', ['travels'], session)).body.result).toBe(1)
    await insist(there, 'increment', ['beside'])
    expect((await rpc(there, 'increment', ['travels'], session)).body.result).toBe(2)
    expect((await rpc(there, 'count', ['beside'], session)).body.result).toBe(0)
    expect((await rpc(here, 'count', ['travels'])).body.result).toBe(0)
    const committed = await post(there, `/tx/${body.sessionId}/commit`, {})
    expect(committed.status).toBe(200)
    expect((await rpc(here, 'count', ['travels'])).body.result).toBe(2)
  })

  it('tell the readers of one what the other commits', async () => {
    const [here = '', there = ''] = urls()
    const args = Buffer.from(JSON.stringify(['watched'])).toString('base64url')
    const topics = ['functions.change/counters', `functions.live/count?args=${args}`]
    const reader = readStream(here, token, `/stream?topics=${topics.map(encodeURIComponent).join(',')}`)
    await vi.waitFor(() => expect(reader.told.filter(({ event }) => event === 'snapshot')).toHaveLength(2))
    for (let n = 0; n < 5; n += 1) await insist(there, 'increment', ['watched'])
    await vi.waitFor(() => {
      const results = reader.told.filter(({ data }) => String(data.topic).startsWith('functions.live'))
      expect(results.at(-1)?.data.result).toBe(5)
      const deltas = reader.told.filter(({ event }) => event === 'delta')
      const changes = deltas.flatMap(({ data }) => data.changes as { data: { n: number } }[])
      expect(changes.map(({ data }) => data.n)).toEqual([1, 2, 3, 4, 5])
    }, 10_000)
    reader.cut()
  })

  it('bring a reader who was away for 50 commits each of them once', { timeout: 60_000 }, async () => {
    const [here = '', there = ''] = urls()
    const path = `/stream?topics=${encodeURIComponent('functions.change/counters')}`
    const first = readStream(here, token, path)
    await vi.waitFor(() => expect(first.told).toHaveLength(1))
    const last = first.told[0]?.id
    first.cut()
    for (let n = 0; n < 50; n += 1) await insist(n % 2 === 0 ? here : there, 'increment', ['away'])
    const again = readStream(there, token, path, last)
    const numbers = () =>
      again.told.flatMap(({ data }) =>
        ((data.changes ?? []) as { id: string; data: { n: number } }[]).map((change) => change.data.n),
      )
    await vi.waitFor(() => expect(numbers()).toHaveLength(50), 10_000)
    expect(numbers()).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
    expect(again.told.some(({ event }) => event === 'gap' || event === 'snapshot')).toBe(false)
    again.cut()
  })

  it('keep all that was acknowledged when one of them is killed', { timeout: 90_000 }, async () => {
    const [here = '', there = ''] = urls()
    let acknowledged = 0
    let dead = false
    const worker = async (url: string) => {
      while (!dead) {
        const done = await insist(url, 'increment', ['killed']).then(
          () => true,
          () => false,
        )
        if (done) acknowledged += 1
        if (acknowledged >= 60 && !dead) {
          dead = true
          await other?.kill()
        }
      }
    }
    await Promise.all([here, there, there, there].map(worker))
    const { result } = (await rpc(here, 'count', ['killed'])).body
    // A commit whose answer died with the process may stand as well: at most one for each caller of it.
    expect(result).toBeGreaterThanOrEqual(acknowledged)
    expect(result).toBeLessThanOrEqual(acknowledged + 3)
    other = await open('again')
    expect((await rpc(other.url, 'count', ['killed'])).body.result).toBe(result)
  })
})
