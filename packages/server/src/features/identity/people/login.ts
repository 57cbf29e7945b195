import { hash } from 'node:crypto'
import { canonical } from '@quarterdeck/sdk/digest'
import { fault } from '@quarterdeck/sdk/errors'
import { z } from 'zod'
import type { From, Reply } from '../../../core/perform.ts'
import type { Issuers, SignedIn } from '../../../ports/issuers.ts'
import type { Keep } from '../../../ports/keep.ts'
import { hashOf, makeToken, sameHash } from '../secret-hash.ts'
import type { Found, Store } from '../store.ts'
import { accept, type Enter, maySignIn } from './enter.ts'
import { type Links, linkMs } from './links.ts'
import { type Tenants, tenantFor } from './tenants.ts'

const loginMs = 10 * 60_000

const Begun = z.object({ issuer: z.string(), kept: z.string(), returnTo: z.string(), browser: z.string() })

/** Signing in at an external issuer. Both throw `login_refused`, and `dependency_unavailable` when the issuer is away. */
export interface Login {
  /** Sends the browser to the issuer. */
  begin(said: { readonly issuer: string; readonly returnTo: string }, reply: Reply): Promise<void>
  /** Takes the browser back with what the issuer sent along: into the console, or to the page that asks for the factor. */
  finish(query: Readonly<Record<string, unknown>>, from: From, reply: Reply): Promise<void>
}

/** Makes it over the issuers of the settings. */
export function createLogin(needs: {
  readonly store: Store
  readonly keep: Keep
  readonly issuers: Pick<Issuers, 'logins' | 'begin' | 'finish'>
  readonly links: Links
  readonly enter: Enter
  readonly tenants: Tenants
  /** Scheme, host and port of the console. */
  readonly publicOrigin: () => string
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
}): Login {
  const { store, keep, issuers, links, enter, tenants, publicOrigin, now, randomBytes } = needs
  const key = (state: string) => `login/${hashOf(state)}`

  /** What was begun with this state in this browser, once. */
  async function begun(state: unknown, cookie: string | null): Promise<z.output<typeof Begun>> {
    if (typeof state !== 'string' || cookie === null) throw fault('login_refused')
    const kept = await keep.get(key(state))
    if (kept === null) throw fault('login_refused')
    const said = Begun.parse(JSON.parse(kept.value))
    if (!sameHash(said.browser, hashOf(cookie))) throw fault('login_refused')
    if (!(await keep.delete(key(state), kept.version))) throw fault('login_refused')
    return said
  }

  return {
    async begin({ issuer, returnTo }, reply) {
      if (!issuers.logins.includes(issuer)) throw fault('login_refused')
      const { url, state, kept } = await issuers
        .begin(issuer, `${publicOrigin()}/auth/callback`)
        .catch(refused)
      const cookie = makeToken(randomBytes)
      const said = { issuer, kept, returnTo, browser: hashOf(cookie) }
      await keep.put(key(state), JSON.stringify(said), loginMs)
      reply.setCookie?.('login', { value: cookie, maxAgeSeconds: loginMs / 1_000 })
      reply.redirect?.(url)
    },
    async finish(query, from, reply) {
      const { issuer, kept, returnTo } = await begun(query.state, from.cookie('login'))
      reply.setCookie?.('login', null)
      const callback = new URL('/auth/callback', publicOrigin())
      for (const [name, value] of Object.entries(query))
        if (typeof value === 'string') callback.searchParams.set(name, value)
      const person = await issuers.finish(issuer, callback, kept).catch(refused)
      const operator = await operatorOf(store, issuer, person, now())
      if (operator.totp !== null) {
        const cookie = await links.bind(from.cookie('link'))
        const { token } = await links.make({ operator: operator.id, cookie, returnTo, amr: ['oidc'] })
        reply.setCookie?.('link', { value: cookie, maxAgeSeconds: linkMs / 1_000 })
        reply.redirect?.(`/console/sign-in#${token}`)
        return
      }
      const tenant = tenantFor(operator, undefined, tenants)
      await enter.browser(await accept(store, operator.id, now()), { tenant, amr: ['oidc'], from, reply })
      reply.redirect?.(returnTo)
    },
  }
}

/** What a browser is told when the issuer did not let its person through. */
function refused(cause: unknown): never {
  const name = cause instanceof Error ? cause.name : ''
  if (name === 'LoginFailed') throw fault('login_refused', undefined, { cause })
  if (name === 'IssuerLost') throw fault('dependency_unavailable', undefined, { cause })
  throw cause
}

/**
 * The operator whom an issuer's subject stands for. The first time it is found by its verified mail address, and from
 * then on by issuer and subject alone, so that whoever gets the address later is nobody here. Nobody is created.
 */
async function operatorOf(
  store: Store,
  issuer: string,
  { sub, email, emailVerified }: SignedIn,
  now: number,
): Promise<Found<'operators'>> {
  const place = hash('sha256', canonical([issuer, sub]), 'hex')
  return store.change(async (view) => {
    const linked = await view.get('subjects', place)
    if (linked !== null) {
      const operator = await view.get('operators', linked.operator)
      if (operator === null || !maySignIn(operator, now)) throw fault('login_refused')
      return operator
    }
    if (email === null || !emailVerified) throw fault('login_refused')
    const [operator] = await view.where('operators', 'email', email.trim().toLowerCase())
    if (operator === undefined || !maySignIn(operator, now)) throw fault('login_refused')
    if (operator.subjects.some((subject) => subject.issuer === issuer)) throw fault('login_refused')
    const joined = { ...operator, subjects: [...operator.subjects, { issuer, sub }] }
    view.set('subjects', place, { issuer, sub, operator: operator.id })
    view.set('operators', operator.id, joined)
    return joined
  })
}
