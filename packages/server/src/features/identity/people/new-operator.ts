import type { Role } from '@quarterdeck/sdk/contract/identity'
import type { OperatorDoc } from '../store.ts'

/** An operator as it begins: no factor, no subjects. */
export function newOperator(said: {
  readonly email: string
  readonly name: string
  readonly tenant: string
  readonly role: Role
  readonly invitedUntil: number | null
  readonly createdAt: number
}): OperatorDoc {
  const { email, name, tenant, role, invitedUntil, createdAt } = said
  return {
    email,
    name,
    memberships: [{ tenant, role }],
    subjects: [],
    totp: null,
    totpNext: null,
    lastStep: 0,
    recovery: [],
    epoch: 1,
    invitedUntil,
    disabledAt: null,
    createdAt,
  }
}
