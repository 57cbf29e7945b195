import { createClient } from '@quarterdeck/sdk/client'
import type { Receipt } from '@quarterdeck/sdk/contract/record'
import { afterEach, describe, expect, it } from 'vitest'
import { type Env, endAll, quarterdeck, type Serving, serve } from '../program.ts'
import { event } from '../stage.ts'

const total = 10_000
const batch = 50
const token = 'token-of-a-producer-that-resends-0001'

/** What becomes of 10,000 records whose server is killed while it takes them, on one kind of storage. */
export function killJourney(
  name: string,
  settings: () => Promise<{ env: Record<string, string>; drop: () => Promise<void> }>,
) {
  describe(`kill -9 while records are appended on ${name}`, () => {
    const ends: (() => Promise<void>)[] = []
    afterEach(async () => {
      await endAll()
      for (const end of ends.splice(0).reverse()) await end()
    })

    it('loses nothing acknowledged, doubles nothing, and leaves no hole', { timeout: 120_000 }, async () => {
      const { env, drop } = await settings()
      ends.push(drop)
      const records = Array.from({ length: total }, (_, n) =>
        event(`e${n}`, { sequence: n, subject: { product: 'flow', kind: 'process', id: `run-${n % 97}` } }),
      )
      const receipts = new Map<string, Receipt>()
      // Two deaths: the second one falls on a log that was mended already.
      for (const deaths of [true, true, false]) {
        const server = await serve({ ...env, CONSOLE_AUTH_TOKEN: token, CONSOLE_LOG_LEVEL: 'warn' })
        const waiting = records.filter((record) => !receipts.has(String(record.id)))
        const upTo = deaths
          ? receipts.size + Math.floor(waiting.length * (0.1 + 0.6 * Math.random()))
          : Number.POSITIVE_INFINITY
        await send(server, waiting, receipts, upTo)
        if (!deaths) await check(server, receipts, { ...env, CONSOLE_AUTH_TOKEN: token })
      }
    })
  })
}

/** Sends by 20 at a time in fifties, and beside them some alone, until all is sent or the server is dead. */
async function send(
  server: Serving,
  waiting: readonly Record<string, unknown>[],
  receipts: Map<string, Receipt>,
  upTo: number,
): Promise<void> {
  const client = createClient({ url: server.url, token })
  const alone = waiting.slice(0, Math.floor(waiting.length / 20))
  const together = waiting.slice(alone.length)
  let dead = false
  const take = (mine: readonly Receipt[]) => {
    for (const receipt of mine) {
      expect(receipt.status).toMatch(/^(accepted|duplicate)$/)
      receipts.set(String(receipt.id), receipt)
    }
    if (receipts.size < upTo || dead) return
    dead = true
    process.kill(server.pid, 'SIGKILL')
  }
  const worker = async (next: () => (() => Promise<readonly Receipt[]>) | undefined) => {
    for (let ask = next(); ask !== undefined && !dead; ask = next()) {
      const answer = await ask().catch((error: unknown) => {
        if (!dead) throw error
        return []
      })
      // What arrived before the connection broke was acknowledged, whenever it is read.
      take(answer)
    }
  }
  const nextAlone = () => {
    const record = alone.shift()
    return record && (async () => [(await client.records.append(record)) as Receipt])
  }
  const nextTogether = () => {
    const fifty = together.splice(0, batch)
    if (fifty.length === 0) return undefined
    return async () => {
      const answer = await client.records.append(fifty)
      return 'receipts' in answer ? answer.receipts : [answer]
    }
  }
  const workers = [...Array.from({ length: 20 }, () => nextTogether), nextAlone, nextAlone, nextAlone]
  await Promise.all(workers.map(worker))
  if (dead) await server.kill()
}

async function check(server: Serving, receipts: ReadonlyMap<string, Receipt>, env: Env): Promise<void> {
  const client = createClient({ url: server.url, token })
  expect(receipts.size).toBe(total)
  const stored: { position: number; id: string }[] = []
  for (let after = 0; ; after = stored.at(-1)?.position ?? 0) {
    const { items } = await client.records.list({ after, limit: 100 })
    if (items.length === 0) break
    stored.push(...items.map(({ position, record }) => ({ position, id: String(record.id) })))
  }
  const hole = stored.findIndex(({ position }, n) => position !== n + 1)
  expect([stored.length, hole]).toEqual([total, -1])
  const idAt = new Map(stored.map(({ position, id }) => [position, id]))
  expect(new Set(idAt.values()).size).toBe(total)
  const misplaced = [...receipts].filter(([id, { position }]) => idAt.get(position ?? 0) !== id)
  expect(misplaced).toEqual([])
  const state = await client.records.state({})
  expect([state.position, state.counts.processes?.total]).toEqual([total, 97])
  expect(await server.stop()).toBe(0)

  const verified = await quarterdeck(['log', 'verify'], env)
  expect([verified.code, verified.out, verified.err]).toEqual([
    0,
    expect.stringMatching(/^intact .*positions up to 10000/m),
    '',
  ])
  expect(verified.out).not.toContain('broken')
}
