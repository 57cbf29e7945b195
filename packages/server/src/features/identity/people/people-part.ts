import type { Operation } from '@quarterdeck/sdk/operation'
import type { Limiter } from '../../../core/limits/limiter.ts'
import type { Proofs } from '../../../core/proof.ts'
import type { Tracer } from '../../../core/tracer.ts'
import type { Issuers } from '../../../ports/issuers.ts'
import type { Keep } from '../../../ports/keep.ts'
import type { Mail } from '../../../ports/mail.ts'
import { type ActorNow, createOperatorActor } from '../operator-actor.ts'
import type { Store } from '../store.ts'
import type { Families } from '../tokens/families.ts'
import { createClaim } from './claim.ts'
import { createEnrolment } from './enrol.ts'
import { createEnter } from './enter.ts'
import { createFactor } from './factor.ts'
import { createInvite } from './invite.ts'
import { createKeepOut } from './keep-out.ts'
import { createLinks } from './links.ts'
import { createLocalTicket } from './local-ticket.ts'
import { createLogin } from './login.ts'
import { createMailQueue } from './mail-queue.ts'
import { createOpenSession } from './open-session.ts'
import { hasOwner } from './owners.ts'
import { createPeopleHandlers, createPeopleShowing } from './people-handlers.ts'
import { createProve } from './prove.ts'
import { createRequestLink } from './request-link.ts'
import { resealFactors } from './reseal-factors.ts'
import { createSessions } from './sessions.ts'
import { createSetRole } from './set-role.ts'
import { createSignInByLink } from './sign-in-by-link.ts'
import { createSignInHandlers, type Environment } from './sign-in-handlers.ts'
import { makeCode } from './spoken-code.ts'
import type { Tenants } from './tenants.ts'
import { createTotp } from './totp.ts'
import { createTries } from './tries.ts'

export interface PeopleNeeds {
  readonly store: Store
  readonly keep: Keep
  readonly mail: Pick<Mail, 'send'>
  /** Mail that was kept instead of sent, the newest first; null outside of local mode. */
  readonly outbox: Parameters<typeof createPeopleHandlers>[0]['outbox']
  readonly tracer: Tracer
  readonly limiter: Pick<Limiter, 'take'>
  readonly proofs: Pick<Proofs, 'open' | 'grant'>
  readonly issuers: Pick<Issuers, 'logins' | 'begin' | 'finish'>
  readonly families: Pick<Families, 'open'>
  /** The actor of a credential id as of now; null when it is gone, expired or revoked. */
  readonly byCredential: (id: string) => Promise<ActorNow | null>
  /** The actor of a token as of now; null when it is none of ours. */
  readonly byToken: (token: string) => Promise<Pick<ActorNow, 'actor'> | null>
  /** All operations of the platform: a viewer holds their reads. */
  readonly operations: readonly Pick<Operation, 'permission'>[]
  readonly tenants: Tenants
  readonly environment: Environment
  /** Scheme, host and port of the console, to which mails and issuers send people back. */
  readonly publicOrigin: () => string
  readonly appName: string
  /** 32 bytes as hex, and the one before it that still opens. */
  readonly secret: string
  readonly secretPrevious: string | null
  /** The claim code that the settings bring. */
  readonly claimCode: string | null
  /** Local mode: it claims itself, and hands out tickets. */
  readonly local: boolean
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** Hears why a mail was given up. */
  readonly mailFailed: (error: unknown) => void
}

/** People: how they come in, prove who they are, and are let in and kept out. */
export function createPeoplePart(needs: PeopleNeeds) {
  const { store, tenants, publicOrigin, appName } = needs
  const homeTenant = tenants.home
  const place = { publicOrigin, appName }
  const newId = () => makeCode(needs.randomBytes, 12).toLowerCase()

  const operatorActor = createOperatorActor(needs)
  const sessions = createSessions({ ...needs, operatorActor })
  const tries = createTries(needs)
  const totp = createTotp({ ...needs, issuer: appName })
  const factor = createFactor({ store, tries, totp })
  const links = createLinks(needs)
  const enter = createEnter({ sessions, families: needs.families })
  const queue = createMailQueue({ ...needs, failed: needs.mailFailed })
  const claim = createClaim({ ...needs, homeTenant, codeSet: needs.claimCode, newId })
  const localTicket = needs.local ? createLocalTicket({ ...needs, homeTenant }) : null
  const setRole = createSetRole(needs)
  const keepOut = createKeepOut({ ...needs, homeTenant })

  return {
    sessions,
    operatorActor,
    signInHandlers: createSignInHandlers({
      ...needs,
      sessions,
      claim,
      enter,
      requestLink: createRequestLink({ ...needs, links, queue, place }),
      signInByLink: createSignInByLink({ ...needs, links, factor, enter }),
      login: createLogin({ ...needs, links, enter }),
      openSession: createOpenSession({ ...needs, sessions, enter, localTicket }),
    }),
    peopleHandlers: createPeopleHandlers({
      ...needs,
      homeTenant,
      enrolment: createEnrolment({ ...needs, sessions, factor, tries, totp }),
      prove: createProve({ ...needs, factor }),
      invite: createInvite({ ...needs, queue, place, newId }),
      setRole,
      keepOut,
    }),
    showing: createPeopleShowing({ setRole, keepOut }),
    /** See `Claim.code`; in local mode always null. */
    claimCode: (options?: { readonly anew?: boolean }) =>
      localTicket === null ? claim.code(options) : Promise.resolve(null),
    /** A ticket for `/console/sign-in#ticket=…`; null outside of local mode, or when the local owner was disabled. */
    localTicket: () => localTicket?.issue() ?? Promise.resolve(null),
    /** Whether somebody owns the home tenant. */
    claimed: () => hasOwner(store.view(), homeTenant),
    /** Seals factors under the present secret that stand under the one before it; then that can be dropped. */
    reseal: () => (needs.secretPrevious === null ? Promise.resolve() : resealFactors({ store, totp })),
    /** Deletes sessions that have ended; done once an hour. Answers how many. */
    sweep: sessions.sweep,
    /** Sends the mail that waits, without pausing. */
    stop: queue.stop,
  }
}

export type PeoplePart = ReturnType<typeof createPeoplePart>
