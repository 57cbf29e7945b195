import type { IncomingMessage } from 'node:http'
import { createClientOf } from './client-of.ts'
import { type EdgeSettings, isSecure } from './edge-settings.ts'
import { commonHeaders } from './headers.ts'

/** A request as it came. Nothing of it is checked yet. */
export interface Arrival {
  readonly incoming: IncomingMessage
  /** The caller's `x-request-id` if it is a plain one, else made. */
  readonly requestId: string
  readonly method: string
  /** As it was sent, not decoded. */
  readonly path: string
  /** What stands behind the `?`; empty without one. May hold credentials: it goes into no log. */
  readonly query: string
  /** Of the client: the connection's, or what trusted proxies say. */
  readonly address: string
  /** What the client called, with its port; undefined when it did not say. */
  readonly host: string | undefined
  readonly scheme: 'http' | 'https'
  /** Headers of the answer as far as the checks have said them; a refusal carries them too. */
  readonly headers: Record<string, string>
}

const plainId = /^[\w.-]{1,64}$/

/** Makes what gives each request its id and its answer's first headers. */
export function createArrivals(needs: {
  readonly settings: EdgeSettings
  readonly randomId: () => string
}): (incoming: IncomingMessage) => Arrival {
  const secure = isSecure(needs.settings)
  const clientOf = createClientOf(needs.settings)
  const always: Record<string, string> = { ...commonHeaders, 'cache-control': 'no-store' }
  if (secure) always['strict-transport-security'] = 'max-age=31536000; includeSubDomains'
  return (incoming) => {
    const given = incoming.headers['x-request-id']
    const requestId = typeof given === 'string' && plainId.test(given) ? given : needs.randomId()
    const headers: Record<string, string> = { ...always, 'x-request-id': requestId }
    const { address, host, scheme } = clientOf(incoming)
    const target = targetOf(incoming.url ?? '/')
    return {
      incoming,
      requestId,
      method: incoming.method ?? 'GET',
      path: target.path,
      query: target.query,
      address,
      host: target.host ?? host,
      scheme,
      headers,
    }
  }
}

/** The parts of a request's target. One in absolute form says its host itself (RFC 9112, 3.2.2). */
function targetOf(target: string): { path: string; query: string; host?: string } {
  if (target.charCodeAt(0) !== 47) {
    const url = /^https?:\/\//i.test(target) ? URL.parse(target) : null
    return url === null
      ? { path: target, query: '' }
      : { path: url.pathname, query: url.search.slice(1), host: url.host }
  }
  const mark = target.indexOf('?')
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) }
}
