import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { IssuerLost, type Issuers, LoginFailed } from '../../ports/issuers.ts'
import { oidcIssuers } from './issuers.ts'

const redirectUri = 'https://console.example.com/auth/callback'
const audience = 'https://console.example.com'

let server: Server
let issuer: string
let provider: Provider
let issuers: Issuers
let said: Record<string, unknown>
/** Whether the access token is one for the issuer's own record of the person. */
let asksUserinfo: boolean

/** A real issuer on this machine, whose one person is signed in already. */
beforeAll(async () => {
  server = createServer((request, response) => void provider.callback()(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  provider = new Provider(issuer, {
    clients: [
      { client_id: 'console', client_secret: 'a secret of the client', redirect_uris: [redirectUri] },
      {
        client_id: 'public',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'none',
      },
      {
        client_id: 'machine',
        client_secret: 'its secret',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...said }) }),
    cookies: { keys: ['a key of the cookies'] },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => !asksUserinfo,
        getResourceServerInfo: () => ({
          scope: 'read',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
      clientCredentials: { enabled: true },
    },
    extraTokenClaims: async () => ({ org: 'home' }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    ttl: {
      AccessToken: 600,
      ClientCredentials: 600,
      Session: 3_600,
      Grant: 3_600,
      Interaction: 3_600,
      IdToken: 3_600,
    },
    // Answers requests for consent by themselves.
    loadExistingGrant: async (ctx) => {
      const { Grant } = ctx.oidc.provider
      const grant = new Grant({
        clientId: ctx.oidc.client?.clientId ?? '',
        accountId: ctx.oidc.session?.accountId ?? '',
      })
      grant.addOIDCScope('openid email')
      grant.addResourceScope(audience, 'read')
      await grant.save()
      return grant
    },
  })
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const issuersOf = (more = {}) =>
  oidcIssuers({
    issuers: [{ issuer, audience, clientId: 'console', clientSecret: 'a secret of the client', ...more }],
    fetch,
    now: Date.now,
    allowInsecure: true,
  })
beforeEach(() => {
  said = { email: 'olga@example.com', email_verified: true }
  asksUserinfo = false
  issuers = issuersOf()
})

/** The browser's way: to the issuer, through its sign-in, and back with what it sends along. */
async function goThere(url: string): Promise<URL> {
  const jar = new Map<string, string>()
  let next = url
  for (let hop = 0; hop < 10; hop += 1) {
    const path = new URL(next, issuer)
    if (path.href.startsWith(redirectUri)) return path
    const uid = /^\/interaction\/([\w-]+)$/.exec(path.pathname)?.[1]
    if (uid !== undefined) {
      const interaction = await provider.Interaction.find(uid)
      if (interaction === undefined) throw new Error('no interaction')
      interaction.result = { login: { accountId: 'olga' } }
      await interaction.save(60)
      next = interaction.returnTo
      continue
    }
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(path, { redirect: 'manual', headers: { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    next = answer.headers.get('location') ?? ''
    if (next === '') throw new Error(`${path.pathname} answered ${answer.status} ${await answer.text()}`)
  }
  throw new Error('it never came back')
}

describe('signing in at an external issuer', () => {
  it('asks with state, nonce and PKCE', async () => {
    const begun = await issuers.begin(issuer, redirectUri)
    const asked = new URL(begun.url).searchParams
    expect(Object.fromEntries(asked)).toMatchObject({
      client_id: 'console',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid email',
      state: begun.state,
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    expect(begun.url).not.toContain(JSON.parse(begun.kept).verifier)
    expect(issuers.logins).toEqual([issuer])
  })

  it('answers who came back, with the verified address', async () => {
    const { url, kept } = await issuers.begin(issuer, redirectUri)
    const person = await issuers.finish(issuer, await goThere(url), kept)
    expect(person).toEqual({ sub: 'olga', email: 'olga@example.com', emailVerified: true })
  })

  it('asks the issuer for the address where the identity does not hold it', async () => {
    asksUserinfo = true
    const { url, kept } = await issuers.begin(issuer, redirectUri)
    const person = await issuers.finish(issuer, await goThere(url), kept)
    expect(person).toEqual({ sub: 'olga', email: 'olga@example.com', emailVerified: true })
  })

  it.each<[string, Record<string, unknown>, string | null]>([
    ['one that was not verified', { email: 'olga@example.com', email_verified: false }, 'olga@example.com'],
    ['one of which nothing is said', { email: 'olga@example.com' }, 'olga@example.com'],
    ['none', {}, null],
  ])('takes no address for verified: %s', async (_, claims, email) => {
    said = claims
    const { url, kept } = await issuers.begin(issuer, redirectUri)
    expect(await issuers.finish(issuer, await goThere(url), kept)).toEqual({
      sub: 'olga',
      email,
      emailVerified: false,
    })
  })

  it('works for a client without a secret', async () => {
    const open = oidcIssuers({
      issuers: [{ issuer, audience, clientId: 'public' }],
      fetch,
      now: Date.now,
      allowInsecure: true,
    })
    const { url, kept } = await open.begin(issuer, redirectUri)
    expect((await open.finish(issuer, await goThere(url), kept)).sub).toBe('olga')
  })

  it.each<[string, (callback: URL, kept: Record<string, string>) => void]>([
    ['another state', (callback) => callback.searchParams.set('state', 'x'.repeat(43))],
    ['no state', (callback) => callback.searchParams.delete('state')],
    ['another issuer', (callback) => callback.searchParams.set('iss', 'https://evil.example.com')],
    ['another code', (callback) => callback.searchParams.set('code', 'x'.repeat(43))],
    ['an error', (callback) => callback.searchParams.set('error', 'access_denied')],
    ['another nonce', (_, kept) => (kept.nonce = 'x'.repeat(43))],
    ['another verifier', (_, kept) => (kept.verifier = 'x'.repeat(43))],
  ])('fails with %s', async (_, change) => {
    const { url, kept } = await issuers.begin(issuer, redirectUri)
    const callback = await goThere(url)
    const changed = JSON.parse(kept)
    change(callback, changed)
    await expect(issuers.finish(issuer, callback, JSON.stringify(changed))).rejects.toThrow(LoginFailed)
  })

  it('takes each code once', async () => {
    const { url, kept } = await issuers.begin(issuer, redirectUri)
    const callback = await goThere(url)
    await issuers.finish(issuer, callback, kept)
    await expect(issuers.finish(issuer, callback, kept)).rejects.toThrow(LoginFailed)
  })

  it('fails for an issuer without a client, and is away with one that does not answer', async () => {
    await expect(issuers.begin('https://other.example.com', redirectUri)).rejects.toThrow(LoginFailed)
    const gone = oidcIssuers({
      issuers: [{ issuer: 'http://127.0.0.1:1', audience, clientId: 'c' }],
      fetch,
      now: Date.now,
      allowInsecure: true,
    })
    await expect(gone.begin('http://127.0.0.1:1', redirectUri)).rejects.toThrow(IssuerLost)
    const strict = oidcIssuers({
      issuers: [{ issuer, audience, clientId: 'console' }],
      fetch,
      now: Date.now,
      allowInsecure: false,
    })
    await expect(strict.begin(issuer, redirectUri)).rejects.toThrow(IssuerLost)
  })

  it('is not believed when the identity is signed by another key', async () => {
    const forging = oidcIssuers({
      issuers: [{ issuer, audience, clientId: 'console', clientSecret: 'a secret of the client' }],
      now: Date.now,
      allowInsecure: true,
      async fetch(url, init) {
        const answer = await fetch(url, init)
        if (!url.endsWith('/jwks')) return answer
        const { keys } = await answer.json()
        const other = await crypto.subtle.generateKey(
          {
            name: 'RSASSA-PKCS1-v1_5',
            modulusLength: 2_048,
            publicExponent: Uint8Array.of(1, 0, 1),
            hash: 'SHA-256',
          },
          true,
          ['sign', 'verify'],
        )
        const { n } = await crypto.subtle.exportKey('jwk', other.publicKey)
        return Response.json({ keys: keys.map((key: object) => ({ ...key, n })) })
      },
    })
    const { url, kept } = await forging.begin(issuer, redirectUri)
    await expect(forging.finish(issuer, await goThere(url), kept)).rejects.toThrow(LoginFailed)
  })
})

describe('an access token of a real issuer', () => {
  it('is a JWT that is verified here', async () => {
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('machine:its secret').toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience, scope: 'read' }),
    })
    const { access_token: token } = await answer.json()
    const verified = await issuers.verify(token)
    expect(verified).toMatchObject({ issuer, sub: 'machine', claims: { org: 'home', client_id: 'machine' } })
    expect(await issuersOf({ audience: 'https://other.example.com' }).verify(token)).toBeNull()
  })
})
