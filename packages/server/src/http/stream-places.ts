import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import { addressKey } from '../core/limits/address-key.ts'

/**
 * Makes the places of streams: so many a principal in this process, and of callers without a credential so many an
 * address (IPv6 by /64). Taking one more throws `too_many_streams`.
 */
export function createStreamPlaces(
  most: number,
): (actor: Pick<Actor, 'tenant' | 'class' | 'principal'>, address: string) => () => void {
  const taken = new Map<string, number>()
  return ({ tenant, class: kind, principal }, address) => {
    // A function user may be named like a service, and takes none of its places.
    const key = `${tenant} ${kind} ${kind === 'anonymous' ? addressKey(address) : principal}`
    const count = taken.get(key) ?? 0
    if (count >= most) throw fault('too_many_streams', `At most ${most} streams may be open`)
    taken.set(key, count + 1)
    let left = false
    return () => {
      if (left) return
      left = true
      const now = (taken.get(key) ?? 1) - 1
      if (now === 0) taken.delete(key)
      else taken.set(key, now)
    }
  }
}
