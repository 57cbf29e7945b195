import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { may } from './may.ts'

/**
 * Why the one signed in cannot do something, in a sentence; undefined: they can. `asOperator`: it takes a person with a
 * second factor, which no token has.
 */
export function whyNot(
  session: SessionView,
  permission: string,
  { asOperator = false }: { readonly asOperator?: boolean } = {},
): string | undefined {
  if (!may(session, permission)) return `This needs the permission ${permission}`
  if (asOperator && session.actor.class !== 'operator')
    return 'Sign in as an operator: a token cannot prove that you mean it'
  return undefined
}
