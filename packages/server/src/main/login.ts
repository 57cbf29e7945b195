import { createClient } from '@quarterdeck/sdk/client'
import { TokenPair } from '@quarterdeck/sdk/contract/identity-views'
import { Fault, fault } from '@quarterdeck/sdk/errors'

/**
 * Signs a person in at a server by the code of a mail, and by the second factor where one is enrolled. `ask` gets what
 * the person types; eight and more characters for the factor are a recovery code.
 */
export async function login(needs: {
  readonly url: string
  readonly email: string
  readonly tenant?: string | undefined
  readonly ask: (what: 'code' | 'factor') => Promise<string>
}): Promise<TokenPair> {
  const { identity } = createClient({ url: needs.url, fetch: carryingCookies() })
  await identity.requestLink({ email: needs.email })
  const code = await needs.ask('code')
  const said = { code, as: 'token', ...(needs.tenant === undefined ? {} : { tenant: needs.tenant }) } as const
  const answer = await identity.confirmLink(said).catch(async (error: unknown) => {
    if (!(error instanceof Fault) || error.code !== 'totp_required') throw error
    const factor = (await needs.ask('factor')).trim()
    return identity.confirmLink({
      ...said,
      ...(/^\d{6}$/.test(factor) ? { totp: factor } : { recovery: factor }),
    })
  })
  const pair = TokenPair.safeParse(answer)
  if (!pair.success) throw fault('internal', 'The server answered no tokens')
  return pair.data
}

/** The link is bound to whoever asked for it by a cookie, which a browser would keep; here it is kept by hand. */
function carryingCookies(): typeof fetch {
  const jar = new Map<string, string>()
  return async (input, init) => {
    const headers = new Headers(init?.headers)
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(input, { ...init, headers })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line) ?? []
      if (name !== undefined && value !== undefined) jar.set(name.trim(), value)
    }
    return response
  }
}
