import type { Store } from '../store.ts'
import { readOperators } from './owners.ts'
import type { Totp } from './totp.ts'

/** Seals every factor under the present secret, so that nobody is locked out when the one before it is dropped. */
export async function resealFactors(needs: {
  readonly store: Store
  readonly totp: Pick<Totp, 'resealed'>
}): Promise<void> {
  const { store, totp } = needs
  for (const { id } of await readOperators(store.view())) {
    await store.change(async (view) => {
      const operator = await view.get('operators', id)
      if (operator === null) return
      const fresh = (sealed: string | null) => (sealed === null ? null : totp.resealed(sealed))
      const [now, next] = [fresh(operator.totp), fresh(operator.totpNext)]
      if (now === operator.totp && next === operator.totpNext) return
      view.set('operators', id, { ...operator, totp: now, totpNext: next })
    })
  }
}
