import { peopleOperations } from './identity-people.ts'
import { signInOperations } from './identity-sign-in.ts'
import { tokenOperations } from './identity-tokens.ts'

export {
  type CredentialItem,
  type Operator,
  Role,
  type SessionItem,
  SessionView,
  type SigningKeyItem,
} from './identity-views.ts'

/** Who may come in, and how they prove it. */
export const identity = { ...signInOperations, ...peopleOperations, ...tokenOperations } as const
