import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import { readSessionCookie } from './cookies.ts'
import type { HeaderReader } from './headers.ts'

/** Finds the actor of a credential, or throws why there is none. */
export type Authenticate = (credential: { kind: 'bearer' | 'cookie'; value: string }) => Promise<Actor>

/** Who sent a request, and by what. */
export interface Caller {
  readonly actor: Actor
  /** The cookie's value, when that is what it came with. */
  readonly session: string | null
}

/** The actor of the request's credential, the header before the cookie; without one, nobody. */
export async function identify(
  needs: { readonly authenticate: Authenticate; readonly secure: boolean; readonly homeTenant: string },
  headers: HeaderReader,
): Promise<Caller> {
  const header = headers.get('authorization')
  if (header !== undefined) {
    const value = /^Bearer +([\x21-\x7e]{1,8192})$/i.exec(header)?.[1]
    if (value === undefined) throw fault('unauthenticated')
    return { actor: await needs.authenticate({ kind: 'bearer', value }), session: null }
  }
  const session = readSessionCookie(needs.secure, headers)
  if (session !== null)
    return { actor: await needs.authenticate({ kind: 'cookie', value: session }), session }
  return { actor: nobody(needs.homeTenant), session: null }
}

/** The actor of a request without a credential. */
export function nobody(homeTenant: string): Actor {
  return { tenant: homeTenant, principal: 'anonymous', class: 'anonymous', permissions: [], credential: '' }
}
