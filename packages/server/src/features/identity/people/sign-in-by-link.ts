import type { TokenPair } from '@quarterdeck/sdk/contract/identity-views'
import { fault } from '@quarterdeck/sdk/errors'
import type { From, Reply } from '../../../core/perform.ts'
import type { Store } from '../store.ts'
import { accept, type Enter, maySignIn } from './enter.ts'
import type { Factor } from './factor.ts'
import type { Links } from './links.ts'
import { type Tenants, tenantFor } from './tenants.ts'

/** What a person signs in with. */
export interface SignIn {
  readonly token?: string | undefined
  readonly code?: string | undefined
  readonly totp?: string | undefined
  readonly recovery?: string | undefined
  readonly tenant?: string | undefined
  readonly as?: 'token' | undefined
}

/** Signs in with a link: the token or the code of the mail, and the second factor where one is enrolled. */
export type SignInByLink = (
  said: SignIn,
  from: From,
  reply: Reply,
) => Promise<{ returnTo: string } | TokenPair>

/**
 * Makes it. Throws `wrong_browser`, `totp_required`, `code_invalid`, `factor_locked`, `tenant_mismatch`,
 * `tenant_forbidden`, all of which leave the link as it is, and `link_spent`.
 */
export function createSignInByLink(needs: {
  readonly store: Store
  readonly links: Links
  readonly factor: Factor
  readonly enter: Enter
  readonly tenants: Tenants
  readonly now: () => number
}): SignInByLink {
  const { store, links, factor, enter, tenants, now } = needs
  return async ({ token, code, totp, recovery, tenant: wanted, as }, from, reply) => {
    const cookie = from.cookie('link')
    const { link, spend } = await find(token, code, cookie)
    const known = await store.view().get('operators', link.operator)
    if (known === null || !maySignIn(known, now())) throw fault('link_spent')
    const tenant = tenantFor(known, wanted, tenants)
    const amr = [...link.amr]
    if (known.totp !== null) {
      if (totp !== undefined) await factor.useCode(known.id, totp).then(() => amr.push('totp'))
      else if (recovery !== undefined)
        await factor.useRecovery(known.id, recovery).then(() => amr.push('recovery'))
      else throw fault('totp_required')
    }
    await spend()
    const operator = await accept(store, known.id, now())
    // A factor that was enrolled since it was asked for was not shown.
    if (operator.totp !== null && known.totp === null) throw fault('link_spent')
    reply.setCookie?.('link', null)
    if (as === 'token') return enter.program(operator, tenant)
    await enter.browser(operator, { tenant, amr, from, reply })
    return { returnTo: link.returnTo }
  }

  function find(token: string | undefined, code: string | undefined, cookie: string | null) {
    if (token !== undefined && code === undefined) return links.byToken(token, cookie)
    if (code !== undefined && token === undefined) return links.byCode(code, cookie)
    const issues = [{ path: ['token'], message: 'either the token or the code is needed' }]
    throw fault('invalid', undefined, { issues })
  }
}
