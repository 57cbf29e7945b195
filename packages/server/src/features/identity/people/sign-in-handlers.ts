import type { Actor } from '@quarterdeck/sdk/actor'
import type { identity, SessionView } from '@quarterdeck/sdk/contract/identity'
import type { Handlers } from '../../../core/perform.ts'
import type { Store } from '../store.ts'
import type { Claim } from './claim.ts'
import type { Enter } from './enter.ts'
import type { Login } from './login.ts'
import type { OpenSession } from './open-session.ts'
import { operatorView } from './operator-view.ts'
import type { RequestLink } from './request-link.ts'
import { endOf, type Sessions } from './sessions.ts'
import type { SignInByLink } from './sign-in-by-link.ts'
import type { Tenants } from './tenants.ts'

/** Where the console stands, as every session tells. */
export type Environment = SessionView['environment']

type Verbs =
  | 'claim'
  | 'requestLink'
  | 'confirmLink'
  | 'login'
  | 'callback'
  | 'openSession'
  | 'readSession'
  | 'closeSession'

/** Coming in and going out. */
export function createSignInHandlers(needs: {
  readonly store: Store
  readonly sessions: Sessions
  readonly claim: Claim
  readonly enter: Enter
  readonly requestLink: RequestLink
  readonly signInByLink: SignInByLink
  readonly login: Login
  readonly openSession: OpenSession
  readonly tenants: Tenants
  readonly environment: Environment
}): Pick<Handlers<typeof identity>, Verbs> {
  const { store, sessions, claim, enter, login, tenants, environment } = needs

  /** Who it is to a person, and where else they may sign in. */
  async function person(actor: Actor): Promise<{ name: string; email: string | null; tenants: string[] }> {
    const operator = actor.class === 'operator' ? await store.view().get('operators', actor.principal) : null
    if (operator === null) return { name: actor.principal, email: null, tenants: [actor.tenant] }
    const { name, email, memberships } = operator
    return { name, email, tenants: memberships.map(({ tenant }) => tenant).filter(tenants.allowed) }
  }

  return {
    async claim({ input, from, reply }) {
      const owner = await claim.claim(input)
      await enter.browser(owner, { tenant: tenants.home, amr: ['claim'], from, reply })
      const actor: Actor = {
        tenant: tenants.home,
        principal: owner.id,
        class: 'operator',
        permissions: ['*'],
        credential: '',
        roles: ['owner'],
      }
      return operatorView(actor, owner, tenants.home)
    },
    async requestLink({ input, from, reply }) {
      await needs.requestLink(input, from, reply)
      return {}
    },
    confirmLink: ({ input, from, reply }) => needs.signInByLink(input, from, reply),
    async login({ input, reply }) {
      await login.begin(input, reply)
    },
    async callback({ input, from, reply }) {
      await login.finish(input, from, reply)
    },
    async openSession({ input, from, reply }) {
      await needs.openSession(input.token, from, reply)
    },
    async readSession({ actor }) {
      const { name, email, tenants: all } = await person(actor)
      const session = await store.view().get('sessions', actor.credential)
      return {
        actor: { principal: actor.principal, class: actor.class, name, email },
        tenant: actor.tenant,
        tenants: all,
        roles: [...(actor.roles ?? [])],
        permissions: [...actor.permissions],
        environment,
        enrolled: actor.enrolled ?? false,
        expiresAt: session === null ? null : new Date(endOf(session)).toISOString(),
      }
    },
    async closeSession({ from, reply }) {
      const cookie = from.cookie('session')
      if (cookie !== null) await sessions.close(cookie)
      reply.setCookie?.('session', null)
    },
  }
}
