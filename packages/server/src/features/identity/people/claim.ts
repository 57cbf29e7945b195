import { fault } from '@quarterdeck/sdk/errors'
import type { Keep } from '../../../ports/keep.ts'
import { hashOf, sameHash } from '../secret-hash.ts'
import type { Found, Store } from '../store.ts'
import { newOperator } from './new-operator.ts'
import { guardOwners, hasOwner } from './owners.ts'
import { grouped, makeCode, readCode } from './spoken-code.ts'

const key = 'claim/code'
const codeMs = 24 * 3_600_000

/** The first owner. */
export interface Claim {
  /**
   * Makes the one-time code (100 bits, 24 hours) while there is no owner; null: there is one, another replica has made
   * a code already, or the settings bring one. `anew` makes another in place of the one that stands.
   */
  code(options?: { readonly anew?: boolean }): Promise<string | null>
  /** Makes the owner. Throws `already_claimed`, `claim_invalid`. */
  claim(said: {
    readonly code: string
    readonly email: string
    readonly name: string
  }): Promise<Found<'operators'>>
}

/** Makes it; `codeSet` is the code that the settings bring. */
export function createClaim(needs: {
  readonly store: Store
  readonly keep: Keep
  readonly homeTenant: string
  readonly codeSet: string | null
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
  readonly newId: () => string
}): Claim {
  const { store, keep, homeTenant, codeSet, now, randomBytes, newId } = needs

  async function isCode(typed: string): Promise<boolean> {
    if (codeSet !== null) return sameHash(hashOf(typed.trim()), hashOf(codeSet))
    const kept = await keep.get(key)
    return kept !== null && sameHash(kept.value, hashOf(readCode(typed)))
  }

  return {
    async code({ anew = false } = {}) {
      if (codeSet !== null || (await hasOwner(store.view(), homeTenant))) return null
      const code = makeCode(randomBytes, 20)
      if (anew) await keep.put(key, hashOf(code), codeMs)
      else if ((await keep.compareAndSet(key, null, hashOf(code), codeMs)) === null) return null
      return grouped(code, 5)
    },
    async claim({ code, email, name }) {
      // In this order: a code that is gone was spent by an owner, who then is there to be seen.
      const good = await isCode(code)
      if (await hasOwner(store.view(), homeTenant)) throw fault('already_claimed')
      if (!good) throw fault('claim_invalid')
      const id = newId()
      const doc = newOperator({
        email,
        name,
        tenant: homeTenant,
        role: 'owner',
        invitedUntil: null,
        createdAt: now(),
      })
      // That there is an owner is what spends the code: of all who hold it, one change goes through.
      await store.change(async (view) => {
        if (await hasOwner(view, homeTenant)) throw fault('already_claimed')
        await guardOwners(view)
        view.set('operators', id, doc)
      })
      if (codeSet === null) await keep.delete(key)
      return { ...doc, id }
    },
  }
}
