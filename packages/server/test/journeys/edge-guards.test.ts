import { operations } from '@quarterdeck/sdk/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Asking, ask } from '../settings/ask.ts'
import { openStage, type Stage } from '../stage.ts'
import type { TestBrowser } from './browser-of.ts'
import { anotherAddress } from './identity-replicas.ts'
import { localOwner } from './people.ts'

const keys = 'GET /.well-known/jwks.json'
const others = [
  'GET /stream?topics=state',
  'GET /console/',
  'GET /console/sign-in',
  'GET /openapi.json',
  'GET /',
  'GET /nothing',
  'GET /ws/chat/s1',
  'POST /mcp',
  'OPTIONS /records',
]
const probes = ['GET /healthz', 'GET /health', 'GET /readyz', 'GET /ready', 'GET /version']
const all = operations().map(({ route, source }) => ({ route: route.replace(/:\w+/g, 'x'), source }))
const routes = [...all.map(({ route }) => route), ...others].filter((route) => route !== keys)
// An issuer sends the browser back by GET; that is bound by a cookie and a state of its own.
const writes = operations().filter(({ effect, route }) => effect !== 'read' && !route.startsWith('GET '))

describe('a server on a laptop, and a page elsewhere that a browser is lured to', () => {
  let stage: Stage
  let owner: TestBrowser
  let port: string
  beforeAll(async () => {
    stage = await openStage({ CONSOLE_TRUSTED_PROXIES: '127.0.0.1' })
    owner = await localOwner(stage)
    port = new URL(stage.url).port
  })
  afterAll(() => stage.stop())

  /** The answer as `status code`; OTLP says its code in the words of a Status. */
  async function said(route: string, headers: Record<string, string>, more: Asking = {}): Promise<string> {
    const from = { 'x-forwarded-for': anotherAddress() }
    const { status, body } = await ask(stage, route, { ...more, headers: { ...from, ...headers } })
    return `${status} ${typeof body?.message === 'string' ? body.message.split(':')[0] : body?.code}`
  }
  /** What each of the routes answers, by answer. */
  async function answers(asked: readonly string[], headers: Record<string, string>, more?: Asking) {
    const found: Record<string, string[]> = {}
    for (const route of asked) {
      const answer = await said(route, headers, more)
      found[answer] = [...(found[answer] ?? []), route]
    }
    return found
  }

  it('answers nothing by a name that was rebound to it, though the browser takes it for one origin', async () => {
    for (const host of [`rebound.example:${port}`, `localhost.rebound.example:${port}`, '169.254.169.254']) {
      const headers = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }
      expect(await answers(routes, headers)).toEqual({ '421 wrong_host': routes })
      expect(Object.keys(await answers([...probes, keys], { host }))).toEqual(['200 undefined'])
    }
  })

  it('answers nothing to a foreign origin, whatever credential it came with', async () => {
    const foreign = [
      'https://evil.example',
      'null',
      `http://127.0.0.1:${Number(port) + 1}`,
      `https://127.0.0.1:${port}`,
    ]
    for (const origin of foreign) {
      expect(await answers(routes, { origin })).toEqual({ '403 origin_not_allowed': routes })
      const cookie = { origin, cookie: owner.cookies() }
      expect(await answers(routes, cookie, { bare: true })).toEqual({ '403 origin_not_allowed': routes })
    }
    const socket = {
      origin: 'https://evil.example',
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    for (const route of ['GET /ws/chat/s1', 'GET /stream?topics=state'])
      expect(await said(route, socket)).toBe('403 origin_not_allowed')
  })

  it('lets the cookie write nothing where the browser does not say that the page is ours', async () => {
    const before = JSON.stringify((await owner.ask('GET /identity/operators')).body)
    const wanted = writes.map(({ route }) => route.replace(/:\w+/g, 'x'))
    const cookie = { cookie: owner.cookies() }
    for (const headers of [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ])
      expect(await answers(wanted, { ...cookie, ...headers }, { bare: true })).toEqual({ '403 csrf': wanted })
    // A form, which needs no preflight.
    const form = { ...cookie, 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' }
    const body = { email: 'eve@example.com', role: 'owner' }
    expect(await said('POST /identity/operators', form, { bare: true, body })).toBe('403 csrf')
    expect(JSON.stringify((await owner.ask('GET /identity/operators')).body)).toBe(before)
    // The same with our own origin is taken.
    const own = { ...cookie, origin: stage.url }
    expect(await said('POST /identity/operators', own, { bare: true, body })).toBe('200 undefined')
  })
})
