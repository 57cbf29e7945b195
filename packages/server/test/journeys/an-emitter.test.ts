import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@quarterdeck/sdk/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../engines/free-port.ts'
import { begin, endAll, serve } from '../program.ts'
import { event } from '../stage.ts'

const token = 'token-of-a-producer-that-is-killed-0001'
const script = join(import.meta.dirname, '../children/producer.ts')

describe('an emitter with its outbox in files', { timeout: 60_000 }, () => {
  let folder: string
  let port: number
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarterdeck-emitter-'))
    port = await freePort()
  })
  afterEach(async () => {
    await endAll()
    rmSync(folder, { recursive: true, force: true })
  })

  const startServer = () =>
    serve({ CONSOLE_DATA_DIR: join(folder, 'data'), CONSOLE_AUTH_TOKEN: token, CONSOLE_PORT: String(port) })

  interface Producer {
    readonly child: ChildProcess
    /** The ids that `emit` answered for. */
    readonly kept: string[]
    pending(): number
    undelivered(): unknown
    killNow(): Promise<void>
    end(): Promise<void>
  }
  function startProducer(from: number, to: number, more: Record<string, string> = {}): Producer {
    const child = begin(script, [String(from), String(to)], {
      PRODUCER_URL: `http://127.0.0.1:${port}`,
      PRODUCER_TOKEN: token,
      PRODUCER_FOLDER: join(folder, 'outbox'),
      ...more,
    })
    const kept: string[] = []
    let status: { pending: number; undelivered: unknown } = { pending: Number.NaN, undelivered: undefined }
    let rest = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const said = JSON.parse(line)
        if (typeof said.kept === 'string') kept.push(said.kept)
        else status = { ...status, ...said }
      }
    })
    const gone = once(child, 'close')
    return {
      child,
      kept,
      pending: () => status.pending,
      undelivered: () => status.undelivered,
      async killNow() {
        child.kill('SIGKILL')
        await gone
      },
      async end() {
        child.kill('SIGTERM')
        await gone
      },
    }
  }

  async function stored(client: Client) {
    const found: { id: string; sequence: number; position: number }[] = []
    for (let after = 0; ; after = found.at(-1)?.position ?? 0) {
      const { items } = await client.records.list({ after, limit: 100 })
      if (items.length === 0) return found
      for (const { position, record } of items)
        found.push({ id: String(record.id), sequence: Number(record.sequence), position })
    }
  }

  it('killed while the server is away, then the server killed while it delivers: each event once and in order', async () => {
    // It would tell on and on; it is killed in the midst of it, behind its 200th event.
    const first = startProducer(0, 100_000)
    await expect.poll(() => first.kept.length, { timeout: 20_000, interval: 5 }).toBeGreaterThanOrEqual(200)
    await first.killNow()
    const told = first.kept.length
    // The token is not written down with the records.
    for (const name of readdirSync(join(folder, 'outbox')))
      expect(readFileSync(join(folder, 'outbox', name), 'utf8')).not.toContain(token)

    // One event more than was answered for may have reached the disk; it is delivered as well.
    const second = startProducer(100_000, 101_200)
    let server = await startServer()
    const client = createClient({ url: server.url, token })
    await expect
      .poll(async () => (await stored(client)).length, { timeout: 20_000, interval: 5 })
      .toBeGreaterThan(0)
    await server.kill()
    await expect.poll(() => second.kept.length, { timeout: 20_000 }).toBe(1_200)
    server = await startServer()
    await expect.poll(() => second.pending(), { timeout: 30_000 }).toBe(0)
    await second.end()
    expect(second.undelivered()).toEqual([])

    const log = await stored(client)
    const ids = log.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(expect.arrayContaining([...first.kept, ...second.kept]))
    expect([told + 1_200, told + 1_201]).toContain(ids.length)
    expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, n) => n + 1))
    const { items } = await client.records.producers({})
    expect(items).toMatchObject([{ product: 'shop', id: 'worker', gaps: [], refusals: [] }])
  })

  it('whose record is refused keeps it aside; the producer’s page shows the refusal and the number that is missing', async () => {
    const producer = startProducer(0, 10, { PRODUCER_BAD: '4' })
    const server = await startServer()
    const client = createClient({ url: server.url, token })
    await expect.poll(() => producer.pending(), { timeout: 20_000 }).toBe(0)
    await producer.end()
    expect(producer.undelivered()).toEqual(['invalid'])
    expect((await stored(client)).map(({ id }) => id)).toEqual(
      Array.from({ length: 10 }, (_, n) => `e${n}`).filter((id) => id !== 'e4'),
    )
    const shown = async () => (await client.records.producers({})).items
    await expect.poll(shown, { timeout: 5_000 }).toMatchObject([
      {
        counts: { 'console.event': 9 },
        gaps: [{ from: 5, to: 5 }],
        refusals: [{ code: 'invalid', path: 'occurredAt', at: expect.any(String) }],
      },
    ])

    // Conflicts and broken records of others are shown where they belong; what comes late closes its gap.
    const other = { producer: { id: 'other', product: 'shop' } }
    await client.records.append([1, 2, 7, 4].map((sequence) => event(`o${sequence}`, { ...other, sequence })))
    await client.records.append(event('o1', { ...other, sequence: 99 })).catch(() => undefined)
    await expect.poll(shown, { timeout: 5_000 }).toMatchObject([
      {
        id: 'other',
        gaps: [
          { from: 3, to: 3 },
          { from: 5, to: 6 },
        ],
        refusals: [{ code: 'record_conflict' }],
      },
      { id: 'worker', gaps: [{ from: 5, to: 5 }] },
    ])
    await client.records.append([3, 5, 6].map((sequence) => event(`o${sequence}`, { ...other, sequence })))
    await expect.poll(async () => (await shown())[0]?.gaps).toEqual([])
    expect(await server.stop()).toBe(0)

    const again = await startServer()
    const restarted = createClient({ url: again.url, token })
    expect((await restarted.records.producers({})).items).toMatchObject([
      { id: 'other', gaps: [], refusals: [{ code: 'record_conflict' }] },
      { id: 'worker', gaps: [{ from: 5, to: 5 }], refusals: [{ code: 'invalid' }] },
    ])
  })
})
