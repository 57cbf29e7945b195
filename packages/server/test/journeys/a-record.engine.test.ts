import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../engines/databases.ts'
import { event, openStage } from '../stage.ts'
import { recordJourney } from './a-record.ts'

const onPostgres = async () => {
  const database = await freshDatabase()
  const env = {
    CONSOLE_TELEMETRY_STORAGE: 'postgres',
    CONSOLE_KEEP_STORAGE: 'postgres',
    CONSOLE_DATABASE_URL: database.url,
  }
  return { env, drop: () => database.drop() }
}

recordJourney('postgres', onPostgres)

describe('two servers on one Postgres', () => {
  it('take one id once, show the same state, and their feeds carry every change once and in order', async () => {
    const { env: store, drop } = await onPostgres()
    const env = {
      ...store,
      CONSOLE_SECRET: '0b30557a9fc4e90e33587da2c7ec11365b80a5caef14395e83a8cdf2173c6186',
    }
    const one = await openStage(env)
    const other = await openStage(env)
    const stop = new AbortController()
    const seen = [one, other].map((stage) => {
      const ids: string[] = []
      stage.client.stream(['records'], {
        signal: stop.signal,
        onEvent(told) {
          if (told.type === 'delta' || told.type === 'snapshot')
            ids.push(...told.items.map((item) => item.id))
        },
      })
      return ids
    })
    await expect.poll(() => one.running.platform() !== null && other.running.platform() !== null).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const receipts = await Promise.all(
      Array.from({ length: 400 }, (_, n) =>
        (n % 2 ? one : other).client.records
          .append(event(`e${n >> 1}`, { payload: { summary: `${n % 4}` } }))
          .catch((error: unknown) => error),
      ),
    )
    expect(
      receipts.filter((receipt) => (receipt as { status?: unknown }).status === 'accepted'),
    ).toHaveLength(200)
    await expect.poll(() => seen.map((ids) => ids.length), { timeout: 10_000 }).toEqual([200, 200])
    const order = (await one.client.records.list({ limit: 100 })).items.map((item) => item.record.id)
    expect(seen[0]).toEqual(seen[1])
    expect(seen[0]?.slice(0, 100)).toEqual(order)
    await expect.poll(async () => (await other.client.records.state({})).position).toBe(200)
    expect(await one.client.records.state({ at: 200 })).toEqual(await other.client.records.state({ at: 200 }))
    stop.abort()
    await one.stop()
    await other.stop()
    await drop()
  })
})
