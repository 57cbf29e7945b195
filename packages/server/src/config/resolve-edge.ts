import { z } from 'zod'
import type { Asking } from './asking.ts'
import { originOf } from './origin.ts'

/** Who may reach the server, by what, and how much at a time. */
export interface EdgeConfig {
  readonly publicOrigin: string | null
  /** Lower case, `name` or `name:port`, beside the public origin's. */
  readonly allowedHosts: readonly string[]
  /** Beside the public one; in local mode it may be `*` alone. */
  readonly allowedOrigins: readonly string[]
  readonly cors: {
    readonly credentials: boolean
    /** Null: those of the path's operations. */
    readonly methods: readonly string[] | null
    /** Null: those that the contract reads. */
    readonly headers: readonly string[] | null
    readonly maxAgeSeconds: number
  }
  /** Addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[]
  /** Lower case. */
  readonly apiKeyHeader: string
  readonly apiKeyQuery: string | null
  readonly bypassPaths: readonly BypassPath[]
  /** Bytes. */
  readonly maxBody: number
  readonly requestTimeoutMs: number
  readonly maxConnections: number
  readonly drainDelayMs: number
}

const bypassPaths = ['/health', '/ready', '/openapi.json'] as const
export type BypassPath = (typeof bypassPaths)[number]

const ProxyAddress = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])
const hostName = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/
const token = /^[\w!#$%&'*+.^`|~-]+$/
/** Headers that mean something else already. */
const taken =
  /^(authorization|cookie|host|origin|content-.*|x-request-id|x-console-proof|x-forwarded-.*|idempotency-key)$/i

/** The edge of a configuration. */
export function resolveEdge(ask: Asking): EdgeConfig {
  const allowedOrigins = allowedOriginsOf(ask)
  const credentials = ask.flag('CONSOLE_CORS_ALLOW_CREDENTIALS')
  if (credentials && allowedOrigins.includes('*'))
    ask.refuse(
      'cors_credentials_wildcard',
      'CONSOLE_CORS_ALLOW_CREDENTIALS',
      'CONSOLE_CORS_ALLOW_CREDENTIALS cannot be with CONSOLE_ALLOWED_ORIGINS=*',
    )
  return {
    publicOrigin: publicOriginOf(ask),
    allowedHosts: hostsOf(ask),
    allowedOrigins,
    cors: {
      credentials,
      methods: wordsOf(ask, 'CONSOLE_CORS_ALLOW_METHODS')?.map((method) => method.toUpperCase()) ?? null,
      headers: wordsOf(ask, 'CONSOLE_CORS_ALLOW_HEADERS')?.map((header) => header.toLowerCase()) ?? null,
      maxAgeSeconds: Math.floor(ask.number('CONSOLE_CORS_MAX_AGE') / 1_000),
    },
    trustedProxies: proxiesOf(ask),
    ...apiKeyPlaces(ask),
    bypassPaths: bypassPathsOf(ask),
    maxBody: ask.number('CONSOLE_MAX_BODY_SIZE'),
    requestTimeoutMs: ask.number('CONSOLE_REQUEST_TIMEOUT'),
    maxConnections: ask.number('CONSOLE_MAX_CONNECTIONS'),
    drainDelayMs: ask.number('CONSOLE_DRAIN_DELAY'),
  }
}

function publicOriginOf(ask: Asking): string | null {
  const wrong = (detail: string) => {
    ask.refuse('public_origin_invalid', 'CONSOLE_PUBLIC_ORIGIN', `CONSOLE_PUBLIC_ORIGIN ${detail}`)
    return null
  }
  const text = ask.text('CONSOLE_PUBLIC_ORIGIN')
  if (text === null) return ask.mode === 'hosted' ? wrong('is required') : null
  const origin = originOf(text)
  if (origin === null) return wrong('is not an origin')
  return ask.mode === 'hosted' && !origin.startsWith('https:') ? wrong('needs https') : origin
}

function allowedOriginsOf(ask: Asking): string[] {
  const name = 'CONSOLE_ALLOWED_ORIGINS'
  const refuse = (detail: string) => ask.refuse('allowed_origins_invalid', name, `${name} ${detail}`)
  const origins: string[] = []
  for (const item of ask.list(name)) {
    const origin = item === '*' ? '*' : originOf(item)
    if (origin === null) refuse(`names ${item}, which is not an origin`)
    else if (origin === '*' && ask.mode === 'hosted') refuse('cannot be * in hosted mode: name the origins')
    else origins.push(origin)
  }
  return origins
}

function hostsOf(ask: Asking): string[] {
  const name = 'CONSOLE_ALLOWED_HOSTS'
  return ask.list(name).flatMap((item) => {
    const host = item.toLowerCase()
    if (hostName.test(host)) return [host]
    ask.refuse('setting_invalid', name, `${name} names ${item}, which is not a host`)
    return []
  })
}

function proxiesOf(ask: Asking): string[] {
  const name = 'CONSOLE_TRUSTED_PROXIES'
  return ask.list(name).flatMap((item) => {
    if (ProxyAddress.safeParse(item).success) return [item]
    ask.refuse('setting_invalid', name, `${name} names ${item}, which is neither an address nor a CIDR range`)
    return []
  })
}

function wordsOf(
  ask: Asking,
  name: 'CONSOLE_CORS_ALLOW_METHODS' | 'CONSOLE_CORS_ALLOW_HEADERS',
): readonly string[] | null {
  const words = ask.list(name)
  for (const word of words)
    if (!token.test(word)) ask.refuse('setting_invalid', name, `${name} holds what is no name`)
  // Browsers do not count authorization in *, so everything means everything that is read here.
  return words.length === 0 || words.includes('*') ? null : words
}

function apiKeyPlaces(ask: Asking): Pick<EdgeConfig, 'apiKeyHeader' | 'apiKeyQuery'> {
  const header = ask.text('CONSOLE_API_KEY_HEADER') ?? 'X-API-Key'
  if (!token.test(header) || taken.test(header))
    ask.refuse('setting_invalid', 'CONSOLE_API_KEY_HEADER', 'CONSOLE_API_KEY_HEADER cannot be that header')
  const query = ask.text('CONSOLE_API_KEY_QUERY')
  if (
    query !== null &&
    (!/^[\w.-]{1,64}$/.test(query) || /^(ticket|topics|after|code|state|token)$/.test(query))
  )
    ask.refuse('setting_invalid', 'CONSOLE_API_KEY_QUERY', 'CONSOLE_API_KEY_QUERY cannot be that field')
  return { apiKeyHeader: header.toLowerCase(), apiKeyQuery: query }
}

function bypassPathsOf(ask: Asking): BypassPath[] {
  const name = 'CONSOLE_BYPASS_PATHS'
  const given = ask.list(name)
  for (const path of given)
    if (!bypassPaths.some((known) => known === path))
      ask.refuse('bypass_path_unknown', name, `${name} names ${path}; it can name ${bypassPaths.join(', ')}`)
  return bypassPaths.filter((path) => given.includes(path))
}
