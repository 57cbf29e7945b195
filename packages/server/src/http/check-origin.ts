import { fault } from '@quarterdeck/sdk/errors'
import type { Arrival } from './arrival.ts'
import type { EdgeSettings } from './edge-settings.ts'

/** Headers that a page elsewhere may read; by the policy `sandbox` it knows what a function answered as it is. */
const exposed =
  'x-request-id, RateLimit, RateLimit-Policy, Retry-After, ETag, Location, Allow, WWW-Authenticate, Content-Security-Policy'

type Asked = Pick<Arrival, 'incoming' | 'host' | 'scheme' | 'headers'>

/** The checks of who made a browser send a request. They follow the check of the host, which they believe. */
export interface OriginChecks {
  /** Refuses a foreign origin; of an allowed one the answer says so. */
  origin(arrival: Asked): void
  /** Refuses a write that a page elsewhere could have made the browser send with our cookie. */
  cookieWrite(arrival: Asked): void
}

/** Makes the checks. Throws when cookies were to be sent from any origin there is. */
export function createOriginChecks(
  settings: Pick<EdgeSettings, 'publicOrigin' | 'allowedOrigins' | 'cors'>,
): OriginChecks {
  const { publicOrigin, cors } = settings
  const allowed = new Set(settings.allowedOrigins)
  const any = allowed.has('*')
  if (any && cors.credentials) throw new Error('cookies cannot be allowed to every origin')

  // A browser cannot lie about the host it called, so an origin equal to it is the page's own.
  const isOwn = (origin: string, { host, scheme }: Asked) =>
    origin === publicOrigin ||
    origin === `${scheme}://${host}` ||
    (scheme === 'https' && isPlainLoopback(origin, host))

  return {
    origin(arrival) {
      const { origin } = arrival.incoming.headers
      if (allowed.size > 0) arrival.headers.vary = 'Origin'
      if (origin === undefined || isOwn(origin, arrival)) return
      if (origin === 'null' || !(any || allowed.has(origin))) throw fault('origin_not_allowed')
      arrival.headers['access-control-allow-origin'] = any ? '*' : origin
      arrival.headers['access-control-expose-headers'] = exposed
      if (cors.credentials) arrival.headers['access-control-allow-credentials'] = 'true'
    },
    cookieWrite(arrival) {
      const { origin, 'sec-fetch-site': site } = arrival.incoming.headers
      if (origin === undefined ? site === 'same-origin' : isOwn(origin, arrival)) return
      throw fault('csrf')
    },
  }
}

/** A public https origin does not make the plain loopback name foreign that the same server was called by. */
function isPlainLoopback(origin: string, host: string | undefined): boolean {
  return (
    origin === `http://${host}` && /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/.test(origin)
  )
}
