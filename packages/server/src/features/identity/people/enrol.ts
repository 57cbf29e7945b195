import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import type { Found, Store } from '../store.ts'
import type { Factor } from './factor.ts'
import { makeRecoveryCodes } from './recovery.ts'
import { isOpen, type SessionDraft, type Sessions } from './sessions.ts'
import type { Totp } from './totp.ts'
import type { Tries } from './tries.ts'

/** Enrolling a second factor. */
export interface Enrolment {
  /**
   * Makes a secret that counts once it is confirmed. With a factor enrolled its code is needed, save in a session that
   * a recovery code opened. Throws `totp_required`, `code_invalid`, `factor_locked`.
   */
  begin(actor: Actor, code: string | undefined): Promise<{ secret: string; uri: string }>
  /**
   * Enrols it by its first code. Answers the recovery codes, and the session that takes the place of the one that
   * asked; null where that was none. Throws `code_invalid`, `factor_locked`.
   */
  confirm(actor: Actor, code: string): Promise<{ recoveryCodes: string[]; session: SessionDraft | null }>
}

/** Makes enrolment over identity's store. */
export function createEnrolment(needs: {
  readonly store: Store
  readonly sessions: Sessions
  readonly factor: Factor
  readonly tries: Tries
  readonly totp: Totp
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
}): Enrolment {
  const { store, sessions, factor, tries, totp, now, randomBytes } = needs

  const isMine = (session: Found<'sessions'> | null, actor: Actor): session is Found<'sessions'> =>
    session !== null &&
    session.kind === 'operator' &&
    session.actor === actor.principal &&
    isOpen(session, now())

  return {
    async begin(actor, code) {
      const view = store.view()
      const operator = await view.get('operators', actor.principal)
      if (operator === null) throw fault('unauthenticated')
      if (operator.totp !== null) {
        const session = await view.get('sessions', actor.credential)
        const recovering = isMine(session, actor) && session.amr.includes('recovery')
        if (!recovering) {
          if (code === undefined) throw fault('totp_required')
          await factor.useCode(operator.id, code)
        }
      }
      const { sealed, secret, uri } = totp.make(operator.email)
      await store.change(async (current) => {
        const present = await current.get('operators', operator.id)
        if (present?.epoch !== operator.epoch) throw fault('unauthenticated')
        // Another session enrolled meanwhile; this one has proved nothing of that factor.
        if (present.totp !== null && operator.totp === null) throw fault('totp_required')
        current.set('operators', operator.id, { ...present, totpNext: sealed })
      })
      return { secret, uri }
    },
    async confirm(actor, code) {
      const { codes, hashes } = makeRecoveryCodes(randomBytes)
      const session = await tries.attempt(actor.principal, () =>
        store.change(async (view) => {
          const operator = await view.get('operators', actor.principal)
          const step =
            operator === null || operator.totpNext === null ? null : totp.stepOf(operator.totpNext, code)
          if (operator === null || step === null) throw fault('code_invalid')
          view.set('operators', operator.id, {
            ...operator,
            totp: operator.totpNext,
            totpNext: null,
            lastStep: step,
            recovery: hashes,
          })
          const old = await view.get('sessions', actor.credential)
          if (!isMine(old, actor)) return null
          const { tenant, client, epoch } = old
          const amr = [...new Set([...old.amr.filter((one) => one !== 'recovery'), 'totp'])]
          const draft = sessions.draft({ actor: operator.id, kind: 'operator', tenant, amr, client, epoch })
          view.set('sessions', old.id, { ...old, revokedAt: now() })
          view.set('sessions', draft.id, draft.doc)
          return draft
        }),
      )
      return { recoveryCodes: codes, session }
    },
  }
}
