import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { freePort } from '../engines/free-port.ts'
import { endAll, serve } from '../program.ts'
import { alive, type Check, freshFolder, stageOf } from './alive.ts'
import { ask } from './ask.ts'

const key = (n: number) => `api-key-of-the-tests-000000000000${n}`
const second = 'https://second.example.com'
const preflight = { origin: second, 'access-control-request-method': 'GET' }

/** A preflight of the second origin says this in a header. */
const preflightSays =
  (name: string, value: string): Check =>
  async (stage) => {
    const { status, headers } = await ask(stage, 'OPTIONS /session', { headers: preflight, bare: true })
    expect([status, headers[`access-control-${name}`]]).toEqual([204, value])
  }
const allowed = { CONSOLE_ALLOWED_ORIGINS: second }

describe('keys of the API', () => {
  const passes =
    (
      keys: readonly string[],
      carried: (key: string) => Parameters<typeof ask>[2] & { query?: string },
    ): Check =>
    async (stage) => {
      for (const one of keys) {
        const { query = '', ...asking } = carried(one)
        expect((await ask(stage, `GET /session${query}`, { ...asking, bare: true })).status).toBe(200)
      }
    }
  const header = (name: string) => (one: string) => ({ headers: { [name]: one } })

  alive('CONSOLE_API_KEYS', `${key(1)},${key(2)}`, passes([key(1), key(2)], header('x-api-key')))
  alive(
    'CONSOLE_API_KEY_HEADER',
    'X-Team-Key',
    async (stage) => {
      await passes([key(1)], header('x-team-key'))(stage)
      const old = await ask(stage, 'GET /session', { headers: { 'x-api-key': key(1) }, bare: true })
      expect(old.status).toBe(401)
    },
    { CONSOLE_API_KEYS: key(1) },
  )
  alive(
    'CONSOLE_API_KEY_QUERY',
    'api_key',
    passes([key(1)], (one) => ({ query: `?api_key=${one}` })),
    {
      CONSOLE_API_KEYS: key(1),
    },
  )

  it('are taken as a JSON array too, and no other key is', async () => {
    const stage = await stageOf({ CONSOLE_API_KEYS: JSON.stringify([key(1), key(2)]) })
    await passes([key(1), key(2)], header('x-api-key'))(stage)
    const { status } = await ask(stage, 'GET /session', { headers: { 'x-api-key': key(3) }, bare: true })
    expect(status).toBe(401)
  })

  it('in a query are in no log, at any level', async () => {
    const server = await serve({
      CONSOLE_DATA_DIR: freshFolder(),
      CONSOLE_LOG_LEVEL: 'debug',
      CONSOLE_API_KEYS: key(1),
      CONSOLE_API_KEY_QUERY: 'api_key',
    })
    try {
      for (const path of ['/session', '/state', '/nothing', '/stream'])
        await (await fetch(`${server.url}${path}?api_key=${key(1)}`)).text()
      await (await fetch(`${server.url}/session?api_key=${key(2)}`)).text()
      expect(server.said()).toContain('listening')
      expect(server.said()).not.toMatch(/api-key-of-the-tests/)
    } finally {
      await endAll()
    }
  })
})

alive('CONSOLE_BYPASS_PATHS', '/ready', async (stage) => {
  const status = async (path: string) => (await ask(stage, `GET ${path}`, { bare: true })).status
  expect([await status('/ready'), await status('/health'), await status('/openapi.json')]).toEqual([
    200, 401, 401,
  ])
})

describe('other origins', () => {
  alive('CONSOLE_ALLOWED_ORIGINS', `["https://first.example.com", "${second}"]`, async (stage) => {
    const { status, headers } = await ask(stage, 'GET /session', { headers: { origin: second } })
    expect([status, headers['access-control-allow-origin']]).toEqual([200, second])
  })
  alive('CONSOLE_CORS_ALLOW_CREDENTIALS', 'true', preflightSays('allow-credentials', 'true'), allowed)
  alive('CONSOLE_CORS_ALLOW_METHODS', 'GET,PUT', preflightSays('allow-methods', 'GET, PUT'), allowed)
  alive('CONSOLE_CORS_ALLOW_HEADERS', 'X-Team', preflightSays('allow-headers', 'x-team'), allowed)
  alive('CONSOLE_CORS_MAX_AGE', '60', preflightSays('max-age', '60'), allowed)
})

describe('who called whom', () => {
  const answersAs =
    (host: string, more: Record<string, string> = {}): Check =>
    async (stage) => {
      expect((await ask(stage, 'GET /session', { headers: { host, ...more } })).status).toBe(200)
    }
  let port = 0
  alive(
    'CONSOLE_PUBLIC_ORIGIN',
    'http://console.harbour.test:8080',
    async ({ token }) => {
      // The stage's own URL is the public one by now, which leads nowhere.
      const here = { url: `http://127.0.0.1:${port}`, token }
      const { status } = await ask(here, 'GET /session', { headers: { host: 'console.harbour.test:8080' } })
      expect(status).toBe(200)
    },
    async () => {
      port = await freePort()
      return { CONSOLE_PORT: String(port) }
    },
  )
  alive('CONSOLE_ALLOWED_HOSTS', 'inner.harbour.test', answersAs('inner.harbour.test:3000'))
  alive('CONSOLE_TRUSTED_PROXIES', '127.0.0.0/8', async (stage) => {
    // An address has sixty requests a minute without a credential.
    for (let count = 0; count < 62; count += 1) {
      const headers = { 'x-forwarded-for': `203.0.113.${count}` }
      expect((await ask(stage, 'GET /session', { headers, bare: true })).status).toBe(401)
    }
    await answersAs('proxy.test', { 'x-forwarded-host': 'localhost' })(stage)
  })
})

describe('how much at a time', () => {
  alive('CONSOLE_MAX_BODY_SIZE', '2 KiB', async (stage) => {
    const { status } = await ask(stage, 'POST /identity/tokens', { body: { label: 'x'.repeat(3_000) } })
    expect(status).toBe(413)
  })

  alive('CONSOLE_REQUEST_TIMEOUT', '1ms', async (stage) => {
    // All at once, so that the last of them wait for the others for longer than a look at the time takes.
    const making = Array.from({ length: 100 }, (_, n) => {
      const body = { kind: 'service', label: `ci-${n}`, scopes: ['records:write'] }
      return ask(stage, 'POST /identity/tokens', { body })
    })
    expect((await Promise.all(making)).map(({ status }) => status)).toContain(504)
  })

  alive('CONSOLE_MAX_CONNECTIONS', '3', async (stage) => {
    const { hostname, port } = new URL(stage.url)
    const open = () => connect({ host: hostname, port: Number(port) })
    const held = [open(), open(), open()]
    try {
      await Promise.all(held.map((socket) => once(socket, 'connect')))
      const fourth = open()
      held.push(fourth)
      fourth.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
      const said: Buffer[] = []
      fourth.on('data', (chunk: Buffer) => said.push(chunk)).on('error', () => undefined)
      await new Promise((resolve) => fourth.once('close', resolve))
      expect(Buffer.concat(said).toString()).toBe('')
    } finally {
      for (const socket of held) socket.destroy()
    }
  })

  alive('CONSOLE_DRAIN_DELAY', '0', async (stage) => {
    const stopped = stage.stop()
    // Long enough to stop listening, and far less than the delay that nobody shortened.
    const answer = () => ask(stage, 'GET /readyz').catch(() => null)
    await expect.poll(answer, { timeout: 1_000 }).toBeNull()
    await stopped
  })
})
