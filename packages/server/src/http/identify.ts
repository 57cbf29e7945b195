import type { Actor } from '@quarterdeck/sdk/actor'
import { Fault } from '@quarterdeck/sdk/errors'
import type { Authenticator, Credential, Verified } from '../core/authenticate.ts'
import type { AddressLimits } from '../core/limits/address-limits.ts'
import { rateLimited, rateLimitHeaders } from '../core/limits/limit-headers.ts'
import type { Verdict } from '../core/limits/limiter.ts'
import type { Meter } from '../core/meter.ts'
import type { Arrival } from './arrival.ts'
import type { Carried } from './find-credential.ts'

/** Who sent a request, and by what. */
export interface Caller {
  readonly actor: Actor
  /** Null: nobody. */
  readonly credential: Credential | null
  readonly verified: Verified | null
}

/** The caller without a credential. */
export function nobody(homeTenant: string): Caller {
  const actor: Actor = {
    tenant: homeTenant,
    principal: 'anonymous',
    class: 'anonymous',
    permissions: [],
    credential: '',
  }
  return { actor, credential: null, verified: null }
}

/** Makes the sixth and seventh step: an address's limits, then the credential that the request carries. */
export function createIdentify(needs: {
  readonly authenticator: Authenticator
  readonly addressLimits: AddressLimits
  readonly meter: Meter
  readonly homeTenant: string
}): (arrival: Arrival, carried: Carried, open: boolean) => Promise<Caller> {
  const { authenticator, addressLimits, meter } = needs
  const anonymous = nobody(needs.homeTenant)

  async function withNothing(arrival: Arrival): Promise<Caller> {
    hold(arrival, 'anonymous', await addressLimits.anonymous(arrival.address))
    return anonymous
  }

  return async (arrival, carried, open) => {
    if (carried === null) return withNothing(arrival)
    const given = carried instanceof Fault ? null : carried
    // What this process has verified passes from any address; nothing else is even looked at from a blocked one.
    if (given === null || !authenticator.known(given)) {
      const verdict = await addressLimits.blocked(arrival.address)
      if (!verdict.admitted && given?.kind === 'cookie' && open) return withNothing(arrival)
      if (!verdict.admitted) hold(arrival, 'credentials', verdict)
    }
    try {
      if (carried instanceof Fault) throw carried
      const verified = await authenticator.authenticate(carried)
      meter.add('auth_total', { method: carried.kind, outcome: 'ok' })
      return { actor: verified.actor, credential: carried, verified }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      meter.add('auth_total', { method: given?.kind ?? 'none', outcome: error.code })
      if (error.status >= 500) throw error
      // Signing in works whatever cookie the browser still holds.
      if (given?.kind === 'cookie' && open) return withNothing(arrival)
      if (error.status === 401)
        hold(arrival, 'credentials', await addressLimits.failed(arrival.address), false)
      throw error
    }
  }
}

/** Says what is left of a limit on the answer, and throws when nothing is. */
export function hold(arrival: Arrival, name: string, verdict: Verdict, told = true): void {
  if (told || !verdict.admitted) Object.assign(arrival.headers, rateLimitHeaders(name, verdict))
  if (!verdict.admitted) throw rateLimited(name, verdict)
}
