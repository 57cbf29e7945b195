import { once } from 'node:events'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

/** A real issuer on this machine. Whoever comes says who they are, and is believed. */
export interface TestIssuer {
  readonly url: string
  end(): Promise<void>
}

/** Starts one at a port, with a console as its one client. The page that asks has a field "Who are you?". */
export async function startIssuer(port: number, console: string): Promise<TestIssuer> {
  const url = `http://127.0.0.1:${port}`
  const provider = new Provider(url, {
    clients: [
      {
        client_id: 'console',
        client_secret: 'a secret of the client',
        redirect_uris: [`${console}/auth/callback`],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    findAccount: async (_, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, email: id, email_verified: true }),
    }),
    cookies: { keys: ['a key of the cookies'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    ttl: { AccessToken: 600, Session: 3_600, Grant: 3_600, Interaction: 3_600, IdToken: 3_600 },
    // Answers requests for consent by themselves.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client?.clientId ?? '',
        accountId: ctx.oidc.session?.accountId ?? '',
      })
      grant.addOIDCScope('openid email')
      await grant.save()
      return grant
    },
  })
  const answer = provider.callback()
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    if (!pathname.startsWith('/interaction/')) return void answer(request, response)
    const accountId = searchParams.get('who')
    if (accountId !== null)
      return void provider.interactionFinished(request, response, { login: { accountId, remember: false } })
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(`<!doctype html><title>Issuer</title><link rel="icon" href="data:,"><form>
      <label>Who are you? <input name="who"></label><button>Go on</button></form>`)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url,
    async end() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
