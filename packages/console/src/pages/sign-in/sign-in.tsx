import { getRouteApi } from '@tanstack/react-router'
import { useEffect } from 'react'
import { EntryCard } from '../../parts/entry-card.tsx'
import { Problem } from '../../parts/problem.tsx'
import { AddressStep } from './address-step.tsx'
import { ElsewhereStep } from './elsewhere-step.tsx'
import { FactorStep } from './factor-step.tsx'
import { LinkStep } from './link-step.tsx'
import { MailStep } from './mail-step.tsx'
import { takeFragment } from './read-fragment.ts'
import { type SigningIn, useSignIn } from './use-sign-in.ts'

const route = getRouteApi('/sign-in')

const titles = {
  address: 'Sign in to Quarterdeck',
  mail: 'Look into your mail',
  link: 'Sign in to Quarterdeck',
  elsewhere: 'Another browser asked for this link',
  factor: 'Your second factor',
}

/** Signs in by mail and second factor, by a local server's ticket, at an issuer, or by a token. */
export function SignIn() {
  const search = route.useSearch()
  const signingIn = useSignIn(search)
  const { step, error } = signingIn

  // biome-ignore lint/correctness/useExhaustiveDependencies: each link is spent once, when it is opened
  useEffect(() => {
    function take(): void {
      const fragment = takeFragment()
      if (fragment === null) return
      if (fragment.kind === 'ticket') return void signingIn.open(fragment.ticket, 'ticket')
      signingIn.go({ at: 'link', token: fragment.token })
      void signingIn.confirm({ token: fragment.token })
    }
    take()
    // A link that is opened in this very tab changes nothing but what stands behind the `#`.
    window.addEventListener('hashchange', take)
    return () => window.removeEventListener('hashchange', take)
  }, [])

  return (
    <EntryCard title={titles[step.at]}>
      {search.tenant === undefined ? null : (
        <p className="muted">
          To the tenant <strong>{search.tenant}</strong>.
        </p>
      )}
      {error === undefined ? null : <Problem error={error} />}
      <StepOf signingIn={signingIn} returnTo={search.returnTo} />
    </EntryCard>
  )
}

function StepOf(props: { readonly signingIn: SigningIn; readonly returnTo: string | undefined }) {
  const { signingIn, returnTo } = props
  const { step } = signingIn
  switch (step.at) {
    case 'address':
      return <AddressStep signingIn={signingIn} returnTo={returnTo} />
    case 'mail':
      return <MailStep signingIn={signingIn} email={step.email} />
    case 'link':
      return <LinkStep signingIn={signingIn} token={step.token} />
    case 'elsewhere':
      return <ElsewhereStep signingIn={signingIn} />
    case 'factor':
      return <FactorStep signingIn={signingIn} means={step.means} />
  }
}
