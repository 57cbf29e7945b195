import type { Meter } from '../meter.ts'
import { addressKey } from './address-key.ts'
import { countVerdict } from './count-verdict.ts'
import type { Limiter, Verdict } from './limiter.ts'

/** The limits of client addresses, on whatever the settings say. */
export interface AddressLimits {
  /** Counts a request without a credential: 60 a minute. */
  anonymous(address: string): Promise<Verdict>
  /** Counts a credential that was found bad, 20 a minute; not admitted: the address had its 20 before. */
  failed(address: string): Promise<Verdict>
  /** What `failed` would say, counting nothing: not admitted means that credentials are not even looked at. */
  blocked(address: string): Promise<Verdict>
}

const minute = 60_000
const anonymous = [{ count: 60, windowMs: minute }]
const failed = [{ count: 20, windowMs: minute }]

/** Makes the limits of addresses, IPv6 by /64. All throw `dependency_unavailable` as the limiter does. */
export function createAddressLimits(needs: {
  readonly limiter: Limiter
  readonly meter: Meter
}): AddressLimits {
  const { limiter, meter } = needs
  const keyOf = (what: string, address: string) => JSON.stringify(['address', what, addressKey(address)])

  async function counted(limitClass: string, asked: Promise<Verdict>): Promise<Verdict> {
    const verdict = await asked
    countVerdict(meter, limitClass, verdict)
    return verdict
  }

  return {
    anonymous: (address) => counted('anonymous', limiter.take(keyOf('anonymous', address), anonymous)),
    failed: (address) => counted('credentials', limiter.take(keyOf('credentials', address), failed)),
    blocked: (address) => counted('credentials', limiter.peek(keyOf('credentials', address), failed)),
  }
}
