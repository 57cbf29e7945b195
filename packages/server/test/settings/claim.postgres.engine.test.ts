import { afterEach, describe, expect, it } from 'vitest'
import { freshDatabase } from '../engines/databases.ts'
import { openHosted } from '../journeys/hosted.ts'
import { endAll } from '../program.ts'

describe('a hosted server without an owner', () => {
  afterEach(endAll)
  const claim = { code: 'code-of-the-settings-0001', email: 'ada@example.com', name: 'Ada' }
  async function claimed(env: Record<string, string>) {
    const database = await freshDatabase()
    const hosted = await openHosted(database.url, env)
    try {
      await expect.poll(async () => (await hosted.ask('/readyz')).status, { timeout: 20_000 }).toBe(200)
      const first = await hosted.ask('/auth/claim', claim)
      const again = await hosted.ask('/auth/claim', claim)
      return { first, again, said: hosted.server.said(), command: await hosted.command(['claim-code']) }
    } finally {
      await hosted.end()
      await database.drop()
    }
  }

  it('CONSOLE_CLAIM_CODE is alive: it claims, once, and is said by nobody', async () => {
    const set = await claimed({ CONSOLE_CLAIM_CODE: claim.code })
    expect([set.first.status, set.again.body.code]).toEqual([200, 'already_claimed'])
    expect(set.said + set.command.out + set.command.err).not.toContain(claim.code)
    const unset = await claimed({})
    expect(unset.first.body.code).toBe('claim_invalid')
  })

  it('gets a code anew from the command line, and the one before is void', async () => {
    const database = await freshDatabase()
    const hosted = await openHosted(database.url)
    try {
      await expect.poll(async () => (await hosted.ask('/readyz')).status, { timeout: 20_000 }).toBe(200)
      const printed = /with the code (\S+)/.exec(hosted.server.said())?.[1] ?? ''
      const anew = await hosted.command(['claim-code'])
      expect(anew.code).toBe(0)
      const code = anew.out.trim()
      expect(code).toMatch(/^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$/)
      expect((await hosted.ask('/auth/claim', { ...claim, code: printed })).body.code).toBe('claim_invalid')
      expect((await hosted.ask('/auth/claim', { ...claim, code })).status).toBe(200)
      expect((await hosted.command(['claim-code'])).err).toMatch(/^already_claimed: /)
    } finally {
      await hosted.end()
      await database.drop()
    }
  })
})
