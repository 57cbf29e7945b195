import { Fault, fault } from '@quarterdeck/sdk/errors'
import { useState } from 'react'
import { rememberedTenant, rememberTenant } from '../../app/chosen-tenant.ts'
import { client } from '../../app/client.ts'
import { safeReturnTo } from '../../app/sign-in-redirect.ts'

/** What shows that one may read the mail: its link, its code, or a login at an issuer that is under way. */
export type Means = { readonly token: string } | { readonly code: string } | Record<never, never>

export type Factor = { readonly totp: string } | { readonly recovery: string }

/** Where signing in stands. */
export type Step =
  | { readonly at: 'address' }
  /** A link was sent, should somebody know the address. */
  | { readonly at: 'mail'; readonly email: string }
  /** A link was opened. */
  | { readonly at: 'link'; readonly token: string }
  /** It was opened in another browser than it was asked for in. */
  | { readonly at: 'elsewhere' }
  | { readonly at: 'factor'; readonly means: Means }

const spentTicket =
  'This link is spent: it opens once, within ten minutes. Paste a token, or start the server anew for another link.'
const spentLink =
  'This link is spent: it was used, is older than ten minutes, or had too many wrong codes. Ask for a new one.'

/** Signing in, from the mail address to the second factor. What succeeds leaves the page. */
export function useSignIn(search: {
  readonly returnTo?: string | undefined
  readonly tenant?: string | undefined
}) {
  const [step, setStep] = useState<Step>({ at: 'address' })
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  async function attempt(act: () => Promise<void>): Promise<void> {
    setBusy(true)
    setError(undefined)
    try {
      await act()
    } catch (failure) {
      setError(failure)
    }
    setBusy(false)
  }

  function go(next: Step): void {
    setError(undefined)
    setStep(next)
  }

  return {
    step,
    busy,
    error,
    go,
    askForLink: (email: string) =>
      attempt(async () => {
        rememberTenant(search.tenant)
        await client.identity.requestLink({ email, returnTo: safeReturnTo(search.returnTo) })
        setStep({ at: 'mail', email })
      }),
    confirm: (means: Means, factor?: Factor) =>
      attempt(async () => {
        const tenant = search.tenant ?? rememberedTenant()
        try {
          const answer = await client.identity.confirmLink({
            ...means,
            ...factor,
            ...(tenant === undefined ? {} : { tenant }),
          })
          const to = 'returnTo' in answer ? answer.returnTo : undefined
          rememberTenant(undefined)
          // Whoever came in by a recovery code has no factor at hand: a new one is what is needed next.
          const renew = factor !== undefined && 'recovery' in factor
          await leaveFor(renew ? '/console/identity?part=account' : safeReturnTo(to ?? search.returnTo))
        } catch (failure) {
          const code = failure instanceof Fault ? failure.code : undefined
          if (code === 'totp_required') return setStep({ at: 'factor', means })
          if (code === 'wrong_browser') return setStep({ at: 'elsewhere' })
          if (code !== 'link_spent') throw failure
          setStep({ at: 'address' })
          throw fault('link_spent', spentLink)
        }
      }),
    open: (token: string, kind: 'token' | 'ticket') =>
      attempt(async () => {
        try {
          await client.identity.openSession({ token })
        } catch (failure) {
          const spent = kind === 'ticket' && failure instanceof Fault && failure.status === 401
          throw spent ? fault('unauthenticated', spentTicket) : failure
        }
        await leaveFor(safeReturnTo(search.returnTo))
      }),
  }
}

export type SigningIn = ReturnType<typeof useSignIn>

/** A full load, so that nothing of an old session stays in memory; what waits for it waits until the page is gone. */
function leaveFor(path: string): Promise<void> {
  window.location.replace(path)
  return new Promise(() => {})
}
