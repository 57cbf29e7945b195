import type { Actor } from '@quarterdeck/sdk/actor'
import { type Code, Fault, fault } from '@quarterdeck/sdk/errors'
import type { Authenticator } from '../core/authenticate.ts'
import { addressKey } from '../core/limits/address-key.ts'
import type { AddressLimits } from '../core/limits/address-limits.ts'
import type { ClassLimits } from '../core/limits/class-limits.ts'
import type { Meter } from '../core/meter.ts'
import type { Arrival } from './arrival.ts'
import { createHostCheck } from './check-host.ts'
import { createOriginChecks } from './check-origin.ts'
import type { EdgeSettings } from './edge-settings.ts'
import { createFindCredential } from './find-credential.ts'
import { type Caller, createIdentify, hold, nobody } from './identify.ts'
import type { Route } from './route.ts'

export interface EdgeNeeds {
  readonly settings: EdgeSettings
  readonly authenticator: Authenticator
  readonly classLimits: ClassLimits
  readonly addressLimits: AddressLimits
  readonly meter: Meter
  readonly homeTenant: string
  /** Why nothing can be served now; null when it can. */
  readonly notReady: () => string | null
  /** A call that was refused before it reached the door. */
  readonly refused: (refusal: Refusal) => void
}

/** A refusal as a journal counts it; `by` names the credential, or the address of a caller without one. */
export interface Refusal {
  readonly actor: Actor
  readonly operation: string
  readonly requestId: string
  readonly by: string
  readonly code: Code
}

/** The order of checks, for whatever comes in: calls, streams, sockets, and paths that there are not. */
export interface Edge {
  /** Who asks, once nothing speaks against the request; throws what does. */
  admit(arrival: Arrival, route: Route): Promise<Caller>
}

const maxUrl = 8_192

/** Makes the edge. The comments are the steps of the order; its ends are in serve.ts and in core/perform. */
export function createEdge(needs: EdgeNeeds): Edge {
  const { settings } = needs
  const anonymous = nobody(needs.homeTenant)
  const checkHost = createHostCheck(settings)
  const check = createOriginChecks(settings)
  const findCredential = createFindCredential(settings)
  const identify = createIdentify(needs)

  function checkReady(): void {
    const reason = needs.notReady()
    if (reason !== null) throw fault('not_ready', reason)
  }

  async function takeLimit(arrival: Arrival, { actor }: Caller, route: Route): Promise<void> {
    const verdict = await needs.classLimits.take(actor, route.limit)
    if (verdict !== null) hold(arrival, route.limit, verdict)
  }

  return {
    async admit(arrival, route) {
      let caller = anonymous
      try {
        // 1. Connections, their number and their time are the server's (serve.ts); the URL's length shows here.
        if ((arrival.incoming.url ?? '').length > maxUrl) throw fault('url_too_long')
        // 2. Ids were given as the request arrived (arrival.ts).
        // 3. Probes and public keys.
        if (route.step === 3) {
          if (route.operation !== undefined) checkReady()
          return anonymous
        }
        // 4. Host.
        checkHost(arrival)
        // 5. Origin; preflights and pages.
        check.origin(arrival)
        if (route.step === 5) return anonymous
        const carried = findCredential(arrival, route.tickets === true)
        const byCookie = carried !== null && !(carried instanceof Fault) && carried.kind === 'cookie'
        if (byCookie && arrival.method !== 'GET' && arrival.method !== 'HEAD') check.cookieWrite(arrival)
        checkReady()
        // 6. Address limits, and 7. authentication.
        caller = await identify(arrival, carried, route.open)
        // 8. Limits of the verified principal.
        if (caller.verified !== null) await takeLimit(arrival, caller, route)
        // 9. The gate begins with what there is not; core/perform goes on with it, and with 10., the body.
        if (route.missing !== undefined) throw missing(arrival, route.missing.allow)
        return caller
      } catch (error) {
        if (error instanceof Fault && error.status < 500 && route.journaled !== undefined)
          needs.refused(refusalOf(arrival, caller, route.journaled, error.code))
        throw error
      }
    },
  }
}

function missing(arrival: Arrival, allow: readonly string[]): Fault {
  if (allow.length === 0) return fault('not_found')
  arrival.headers.allow = allow.join(', ')
  return fault('method_not_allowed')
}

/** A refusal of a caller, as far as it is known. */
export function refusalOf(
  { requestId, address }: Pick<Arrival, 'requestId' | 'address'>,
  { actor }: Caller,
  operation: string,
  code: Code,
): Refusal {
  return { actor, operation, requestId, by: byOf(actor, address), code }
}

/** Who a refusal counts for: the credential, or the address (IPv6 by /64) of a caller without one. */
export function byOf(actor: Actor, address: string): string {
  return actor.credential === '' ? addressKey(address) : actor.credential
}
