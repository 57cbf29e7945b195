import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** An external issuer of a test, on loopback: discovery, keys, and the exchange of codes. */
export interface TestIssuer {
  readonly url: string
  /** Where its keys are beside the place that discovery names. */
  readonly otherKeys: string
  /** What discovery says; keys under another path than `jwks_uri` can be hidden from it. */
  hideKeys(): void
  /** Signs an access token. */
  token(claims: Record<string, unknown>): Promise<string>
  /** What was sent to its token endpoint, with the secret that came in the header. */
  readonly exchanges: { readonly body: URLSearchParams; readonly secret: string | null }[]
  /** Plays the person who signs in: what comes back to the address that the browser was sent with. */
  consent(location: string, email: string): string
  stop(): Promise<void>
}

/** Opens an issuer. */
export async function openIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const keys = JSON.stringify({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }],
  })
  const codes = new Map<
    string,
    { readonly nonce: string; readonly email: string; readonly clientId: string }
  >()
  const exchanges: { body: URLSearchParams; secret: string | null }[] = []
  let hidden = false
  let url = ''

  const sign = (claims: Record<string, unknown>, typ: string) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', typ })
      .setIssuer(url)
      .setSubject('ada')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey)

  async function answer(
    path: string,
    text: string,
    authorization: string | undefined,
  ): Promise<string | null> {
    switch (path) {
      case '/.well-known/openid-configuration':
        return JSON.stringify({
          issuer: url,
          authorization_endpoint: `${url}/authorize`,
          token_endpoint: `${url}/token`,
          jwks_uri: `${url}/${hidden ? 'nothing' : 'keys'}`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        })
      case '/keys':
        return hidden ? null : keys
      case '/other-keys':
        return keys
      case '/token': {
        const body = new URLSearchParams(text)
        const basic = /^Basic (.*)$/.exec(authorization ?? '')?.[1]
        const secret =
          basic === undefined ? null : (Buffer.from(basic, 'base64').toString().split(':')[1] ?? '')
        exchanges.push({ body, secret: secret === null ? null : decodeURIComponent(secret) })
        const found = codes.get(body.get('code') ?? '')
        if (found === undefined) return null
        const { nonce, email, clientId } = found
        const claims = { aud: clientId, nonce, email, email_verified: true }
        const id_token = await sign(claims, 'JWT')
        return JSON.stringify({ access_token: 'opaque', token_type: 'Bearer', expires_in: 60, id_token })
      }
      default:
        return null
    }
  }

  const server = createServer((incoming, outgoing) => {
    let text = ''
    incoming.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    incoming.on('end', () => {
      void answer(incoming.url ?? '', text, incoming.headers.authorization).then((said) => {
        outgoing.writeHead(said === null ? 404 : 200, { 'content-type': 'application/json' }).end(said)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    otherKeys: `${url}/other-keys`,
    exchanges,
    hideKeys() {
      hidden = true
    },
    token: (claims) => sign(claims, 'at+jwt'),
    consent(location, email) {
      const asked = new URL(location).searchParams
      const code = `code-${codes.size + 1}`
      codes.set(code, { nonce: asked.get('nonce') ?? '', email, clientId: asked.get('client_id') ?? '' })
      const back = new URL(asked.get('redirect_uri') ?? '')
      back.searchParams.set('code', code)
      back.searchParams.set('state', asked.get('state') ?? '')
      back.searchParams.set('iss', url)
      return back.pathname + back.search
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
