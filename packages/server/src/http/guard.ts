import { fault } from '@quarterdeck/sdk/errors'
import type { HeaderReader } from './headers.ts'

/** Where this server may be reached from. */
export interface Site {
  /** The public origin; null in local mode without one: then it is whatever loopback name was called. */
  readonly publicOrigin: string | null
  readonly allowedOrigins: readonly string[]
  /** Local mode: loopback names are hosts of ours. */
  readonly loopback: boolean
}

const loopbackName = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/** Refuses a host that is not ours: a name rebound to this address by somebody else's DNS. */
export function checkHost(site: Site, headers: HeaderReader): void {
  const host = headers.get('host') ?? ''
  if (site.publicOrigin !== null && host.toLowerCase() === new URL(site.publicOrigin).host) return
  if (site.loopback && loopbackName.test(host)) return
  throw fault('wrong_host')
}

/** Whether an origin is our own: the public one, or in local mode the very one that was called. */
function isOwn(site: Site, origin: string, headers: HeaderReader): boolean {
  if (origin === site.publicOrigin) return true
  return site.loopback && origin === `http://${headers.get('host') ?? ''}`
}

/** Refuses a foreign origin; answers the allowed foreign one that the answer must name, or null. */
export function checkOrigin(site: Site, headers: HeaderReader): string | null {
  const origin = headers.get('origin')
  if (origin === undefined || isOwn(site, origin, headers)) return null
  if (site.allowedOrigins.includes(origin)) return origin
  throw fault('origin_not_allowed')
}

/** Refuses a write that a page elsewhere could have made the browser send with our cookie. */
export function checkCookieWrite(site: Site, headers: HeaderReader): void {
  const origin = headers.get('origin')
  if (origin !== undefined && isOwn(site, origin, headers)) return
  if (origin === undefined && headers.get('sec-fetch-site') === 'same-origin') return
  throw fault('csrf')
}
