import { connect } from 'node:net'
import type { Actor } from '@quarterdeck/sdk/actor'
import { type Fault, fault } from '@quarterdeck/sdk/errors'
import { operation } from '@quarterdeck/sdk/operation'
import { z } from 'zod'
import type { Authenticator, Credential } from '../core/authenticate.ts'
import type { FeedSource } from '../core/feed.ts'
import { notJson } from '../core/ingest.ts'
import { createAddressLimits } from '../core/limits/address-limits.ts'
import { createClassLimits } from '../core/limits/class-limits.ts'
import { createLimiter, type Limit } from '../core/limits/limiter.ts'
import type { Meter } from '../core/meter.ts'
import { type Bound, createPerform, type Handler } from '../core/perform.ts'
import { createProofs } from '../core/proof.ts'
import { noTracer } from '../core/tracer.ts'
import type { Keep } from '../ports/keep.ts'
import { type Answered, createApp } from './app.ts'
import type { Refusal } from './edge.ts'
import type { EdgeSettings } from './edge-settings.ts'
import { createHealth } from './health.ts'
import { type Served, type ServeTimes, serveHttp } from './serve.ts'
import { createPages } from './static.ts'
import { createStreams } from './stream.ts'
import { noTracing } from './tracing.ts'

/** What tests of the edge say only where it matters to them. */
export const plainSettings: EdgeSettings = {
  publicOrigin: null,
  allowedHosts: [],
  allowedOrigins: [],
  cors: { credentials: false, methods: null, headers: null, maxAgeSeconds: 600 },
  trustedProxies: [],
  loopback: true,
  apiKeyHeader: 'X-API-Key',
  apiKeyQuery: null,
  bypassPaths: ['/health', '/ready', '/openapi.json'],
  maxBody: 65_536,
  requestTimeoutMs: 30_000,
  maxConnections: 4_096,
  drainDelayMs: 0,
}

const actorOf = (principal: string, more: Partial<Actor> = {}): Actor => ({
  tenant: 'home',
  principal,
  class: 'service',
  permissions: ['things:*'],
  credential: `c-${principal}`,
  ...more,
})

/** Credentials by value. A ticket is for one topic and one origin; a cookie is as good as a header. */
const holders: Record<string, Actor | Fault> = {
  'good-token': actorOf('ann'),
  'other-token': actorOf('bob'),
  'gold-token': actorOf('gil', { tier: 'gold' }),
  'weak-token': actorOf('wim', { permissions: [] }),
  'old-token': fault('credential_expired'),
}

/** An authenticator of credentials known beforehand; `revoked` ones are good no more. */
export function fixedAuthenticator() {
  const seen = new Set<string>()
  const asked: Credential[] = []
  const revoked = new Set<string>()
  const find = (value: string): Actor => {
    const held = holders[value]
    if (revoked.has(value)) throw fault('credential_revoked')
    if (held === undefined) throw fault('unauthenticated')
    if (held instanceof Error) throw held
    return held
  }
  const authenticator: Authenticator = {
    async authenticate(credential) {
      asked.push(credential)
      const { kind, value, origin, topics } = credential
      if (kind === 'ticket' && (origin !== null || topics?.join() !== 'things'))
        throw fault('unauthenticated')
      const actor = find(value)
      seen.add(value)
      return { actor, again: async () => find(value) }
    },
    known: ({ value }) => seen.has(value) && !revoked.has(value),
  }
  return { authenticator, asked, revoked }
}

const area = { summary: 'Of the tests', output: z.unknown(), permission: 'things:use' } as const
const text = z.object({ text: z.string().optional() })
const make = operation({
  ...area,
  name: 'things.make',
  route: 'POST /things',
  input: text,
  effect: 'write',
})
const get = operation({
  ...area,
  name: 'things.get',
  route: 'GET /things/:id',
  input: z.looseObject({ id: z.string() }),
  effect: 'read',
})
const tell = operation({
  ...area,
  name: 'things.tell',
  route: 'POST /things/lines',
  input: z.unknown(),
  effect: 'write',
  source: 'body',
  accepts: ['application/json', 'application/x-ndjson'],
  limit: 'ingest',
  journaled: 'refusals',
})
const slow = operation({
  ...area,
  name: 'things.wait',
  route: 'POST /things/slow',
  input: text,
  effect: 'write',
  timeoutMs: 100,
})
const enter = operation({
  ...area,
  name: 'things.enter',
  route: 'POST /auth/enter',
  input: text,
  permission: 'public',
  effect: 'write',
  journaled: 'refusals',
})
const leave = operation({
  ...area,
  name: 'things.leave',
  route: 'GET /auth/leave',
  input: z.object({ to: z.string() }),
  permission: 'public',
  effect: 'read',
})
const keys = operation({
  ...area,
  name: 'things.keys',
  route: 'GET /.well-known/jwks.json',
  input: z.object({}),
  permission: 'public',
  effect: 'read',
})

const bind = <O extends Bound['operation']>(one: O, handler: Handler<O>): Bound =>
  ({ operation: one, handler }) as unknown as Bound

/** What a test looks at, and what it changes about the app. */
export interface EdgeOptions {
  readonly keep: Keep
  readonly settings?: Partial<EdgeSettings>
  readonly limits?: Partial<Record<'chat' | 'ingest' | 'default', readonly Limit[]>>
  readonly times?: Partial<ServeTimes> & { readonly body?: number }
  readonly notReady?: () => string | null
  readonly degraded?: () => readonly string[]
}

/** A whole server over a small contract, on a real socket. */
export async function openEdge(options: EdgeOptions) {
  const settings: EdgeSettings = { ...plainSettings, ...options.settings }
  const { authenticator, asked, revoked } = fixedAuthenticator()
  const refusals: Refusal[] = []
  const answered: Answered[] = []
  const failed: string[] = []
  const traces: string[] = []
  /** What the slow handler saw of its signal. */
  const aborted: unknown[] = []
  const metered: [string, Readonly<Record<string, string>>, number | undefined][] = []
  const meter: Meter = {
    add: (...one) => void metered.push([one[0], one[1], one[2]]),
    observe() {},
    set() {},
  }
  const randomId = () => crypto.randomUUID()
  const wide: readonly Limit[] = [{ count: 100_000, windowMs: 60_000 }]
  const limiter = createLimiter({
    keep: options.keep,
    now: Date.now,
    strategy: 'moving-window',
    whenLost: 'local',
    meter,
  })
  const perform = createPerform({
    journal: {
      write: async () => randomId(),
      refused: (refusal) => void refusals.push(refusal as Refusal),
      sweep: async () => {},
      flush: async () => {},
    },
    switchedOff: () => false,
    homeTenant: 'home',
    proofs: createProofs({ keep: options.keep, now: Date.now, randomToken: randomId, environment: 'test' }),
    repeats: { keep: options.keep, process: 'this' },
    tracer: noTracer,
  })
  let made = 0
  const release = Promise.withResolvers<void>()
  const bound: Bound[] = [
    bind(make, async ({ input, from }) => {
      made += 1
      return { made, text: input.text ?? null, from: { address: from.address, client: from.client } }
    }),
    bind(get, async ({ input }) =>
      input.id === 'broken' ? Promise.reject(new Error('deep inside')) : input,
    ),
    bind(tell, async ({ input }) => {
      const lines: readonly unknown[] = Array.isArray(input) ? input : [input]
      return { lines: lines.length, bad: lines.filter((line) => line === notJson).length }
    }),
    bind(slow, async ({ input, signal }) => {
      signal.addEventListener('abort', () => aborted.push(signal.reason))
      if (input.text === 'late') await new Promise(() => {})
      await release.promise
      return { waited: true }
    }),
    bind(enter, async ({ reply, from }) => {
      const held = from.cookie('link')
      reply.setCookie?.('session', { value: 'good-token', maxAgeSeconds: 60.5 })
      reply.setCookie?.('link', null)
      reply.setCookie?.('login', { value: 'l', maxAgeSeconds: 600 })
      return { held }
    }),
    bind(leave, async ({ input, reply }) => reply.redirect?.(input.to)),
    bind(keys, async ({ reply }) => {
      reply.cacheFor?.(300)
      return { keys: [] }
    }),
  ]
  const source: FeedSource = {
    head: async () => 1,
    snapshot: async (_tenant, position) => ({ position, data: {} }),
    since: async () => [],
    async *follow(_tenant, _after, signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      yield* []
    },
  }
  const refused = (refusal: Refusal) => void refusals.push(refusal)
  const streams = createStreams({
    feeds: [
      { topic: 'things', permission: 'things:read', source },
      { topic: 'secrets', permission: 'secrets:read', source },
    ],
    now: Date.now,
    meter,
    refused,
    pause: async () => {},
    recheckMs: 50,
  })
  const health = createHealth({
    checks: [{ name: 'database', run: async () => null }],
    now: Date.now,
    ...(options.degraded === undefined ? {} : { degraded: options.degraded }),
  })
  await health.look()
  const app = createApp({
    settings,
    bound,
    perform,
    streams,
    pages: createPages({ folder: '/nowhere', logins: [], mode: 'local' }),
    health,
    about: { service: 'Harbour', mode: 'hosted', version: '1.2.3' },
    functionCount: () => 12,
    openapi: '{"openapi":"3.1.0"}',
    authenticator,
    classLimits: createClassLimits({
      limiter,
      enabled: true,
      limits: { chat: wide, ingest: wide, default: wide, ...options.limits },
      tiers: { gold: { default: [{ count: 7, windowMs: 60_000 }] } },
      meter,
    }),
    addressLimits: createAddressLimits({ limiter, meter }),
    meter,
    homeTenant: 'home',
    notReady: options.notReady ?? (() => null),
    refused,
    redact: { value: (value) => value },
    randomId,
    now: Date.now,
    failed: (error) => void failed.push(error.code),
    answered: (one) => void answered.push(one),
    tracing: {
      traceRequest(headers, { method, route }, run) {
        traces.push(`${method} ${route}`)
        return noTracing.traceRequest(headers, { method, route }, (span) =>
          run({ ...span, answered: (status, code) => void traces.push(`${status} ${code ?? ''}`.trim()) }),
        )
      },
    },
    ...(options.times?.body === undefined ? {} : { bodyTimeoutMs: options.times.body }),
  })
  const served = await serveHttp({
    app,
    streams,
    health,
    settings,
    randomId,
    host: '127.0.0.1',
    port: 0,
    ...(options.times === undefined ? {} : { times: options.times }),
  })
  return {
    url: `http://127.0.0.1:${served.port}`,
    port: served.port,
    served,
    streams,
    revoked,
    asked,
    refusals,
    answered,
    failed,
    traces,
    aborted,
    metered,
    release: () => release.resolve(),
    async stop() {
      release.resolve()
      health.stop()
      served.server.closeAllConnections()
      await served.close()
    },
  }
}

export type OpenEdge = Awaited<ReturnType<typeof openEdge>>
export type { Served }

/** What came back over a plain socket until the server closed it. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** All of it as it came. */
  readonly text: string
}

/** Sends bytes as they are and reads until the connection ends. `from` is the address that is called from. */
export function sendRaw(port: number, request: string, from = '127.0.0.1'): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', localAddress: from })
    socket.on('connect', () => request !== '' && socket.write(request))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(readRaw(text)))
  })
}

function readRaw(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n'), text }
}

/** A request as bytes, whose connection ends with its answer. */
export function rawRequest(line: string, headers: Record<string, string> = {}, body = ''): string {
  const all: Record<string, string> = {
    host: '127.0.0.1',
    connection: 'close',
    ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}
