import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../engines/databases.ts'
import { endAll } from '../program.ts'
import { openHosted } from './hosted.ts'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase({ empty: true })
})
afterAll(async () => {
  await endAll()
  await database?.drop()
})

it('a server that had to wait for its database prints the claim code once it stands', async () => {
  const hosted = await openHosted(database.url)
  try {
    const code = () => /with the code ([0-9A-Z-]{23})/.exec(hosted.server.said())?.[1]
    expect(code()).toBeUndefined()
    expect((await hosted.command(['migrate'])).code).toBe(0)
    await expect.poll(code, { timeout: 10_000 }).toMatch(/^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$/)
    const claim = { code: code(), email: 'ada@example.com', name: 'Ada' }
    expect((await hosted.ask('/auth/claim', claim)).status).toBe(200)
    expect(hosted.server.said().match(/is at https/g)).toHaveLength(1)
  } finally {
    await hosted.end()
  }
})
