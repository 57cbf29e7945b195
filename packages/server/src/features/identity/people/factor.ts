import { fault } from '@quarterdeck/sdk/errors'
import type { Found, Store } from '../store.ts'
import { withoutCode } from './recovery.ts'
import type { Totp } from './totp.ts'
import type { Tries } from './tries.ts'

/** An operator's second factor. Both throw `code_invalid` and `factor_locked`. */
export interface Factor {
  /** Uses a code; each time step counts once. */
  useCode(operator: string, code: string): Promise<void>
  /** Uses a recovery code up. */
  useRecovery(operator: string, code: string): Promise<void>
}

/** Makes the factor over identity's store: who is first to write the operator has used the code. */
export function createFactor(needs: {
  readonly store: Store
  readonly tries: Tries
  readonly totp: Totp
}): Factor {
  const { store, tries, totp } = needs

  const use = (id: string, used: (operator: Found<'operators'>) => Found<'operators'> | null) =>
    tries.attempt(id, () =>
      store.change(async (view) => {
        const operator = await view.get('operators', id)
        const next = operator === null ? null : used(operator)
        if (next === null) throw fault('code_invalid')
        view.set('operators', id, next)
      }),
    )

  return {
    useCode: (id, code) =>
      use(id, (operator) => {
        const step = operator.totp === null ? null : totp.stepOf(operator.totp, code)
        if (operator.totp === null || step === null || step <= operator.lastStep) return null
        return { ...operator, lastStep: step, totp: totp.resealed(operator.totp) }
      }),
    useRecovery: (id, code) =>
      use(id, (operator) => {
        const recovery = operator.totp === null ? null : withoutCode(operator.recovery, code)
        return recovery === null ? null : { ...operator, recovery }
      }),
  }
}
