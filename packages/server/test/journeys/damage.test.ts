import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endAll, serve } from '../program.ts'
import { event, openStage } from '../stage.ts'

const token = 'token-of-a-server-with-a-bad-disk-0001'

describe('a server whose file of records is damaged', { timeout: 30_000 }, () => {
  let folder: string
  let env: Record<string, string>
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarterdeck-damage-'))
    env = { CONSOLE_DATA_DIR: join(folder, 'data'), CONSOLE_AUTH_TOKEN: token }
    const stage = await openStage(env, folder)
    await stage.client.records.append(Array.from({ length: 20 }, (_, n) => event(`e${n}`)))
    await stage.running.stop()
  })
  afterEach(async () => {
    await endAll()
    rmSync(folder, { recursive: true, force: true })
  })
  const path = () => {
    const at = join(folder, 'data', 'logs', 'records', 'default')
    return join(at, readdirSync(at)[0] ?? '')
  }
  const ask = async (url: string, at: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(
      url + at,
      body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
    )
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }

  it('in the middle is alive but not ready, takes nothing, and leaves the file as it is', async () => {
    const damaged = readFileSync(path(), 'utf8').replace('"e7"', '"e8"')
    writeFileSync(path(), damaged)
    const server = await serve(env)
    expect((await ask(server.url, '/healthz')).status).toBe(200)
    const ready = await ask(server.url, '/readyz')
    expect(ready).toMatchObject({ status: 503, body: { checks: { database: false } } })
    expect((await ask(server.url, '/state')).status).toBe(503)
    expect((await ask(server.url, '/records', event('new'))).status).toBe(503)
    expect(readFileSync(path(), 'utf8')).toBe(damaged)
    expect(await server.stop()).toBe(0)
    expect(readFileSync(path(), 'utf8')).toBe(damaged)
  })

  it('at its end, by a write that was never finished, says so, cuts it off and goes on', async () => {
    const whole = readFileSync(path(), 'utf8')
    writeFileSync(path(), `${whole}{"sum":"0000`)
    const server = await serve(env)
    expect(server.said()).toContain('cut 12 bytes of an unfinished write')
    expect(readFileSync(path(), 'utf8')).toBe(whole)
    expect(await ask(server.url, '/records', event('e20'))).toMatchObject({ body: { position: 21 } })
    expect(await server.stop()).toBe(0)
  })
})
