import { Button, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { isLocal } from '../../app/is-local.ts'
import { IssuerLinks } from './issuer-links.tsx'
import classes from './sign-in.module.css'
import { TokenForm } from './token-form.tsx'
import type { SigningIn } from './use-sign-in.ts'

/** Asks for the mail address; the other ways in stand below. */
export function AddressStep(props: { readonly signingIn: SigningIn; readonly returnTo: string | undefined }) {
  const { signingIn, returnTo } = props
  const [email, setEmail] = useState('')
  function submit(event: FormEvent): void {
    event.preventDefault()
    void signingIn.askForLink(email.trim())
  }
  return (
    <>
      <form onSubmit={submit}>
        <TextInput
          label="Mail address"
          description="A link to sign in with is sent there."
          type="email"
          required
          withAsterisk={false}
          size="sm"
          autoComplete="email"
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Button
          type="submit"
          variant="filled"
          size="sm"
          loading={signingIn.busy}
          disabled={email.trim() === ''}
        >
          Send me a link
        </Button>
      </form>
      <IssuerLinks returnTo={returnTo} />
      <div className={classes.more}>
        <details>
          <summary>Use a token</summary>
          <TokenForm signingIn={signingIn} />
        </details>
        {isLocal() ? (
          <p>On your own machine? The server prints a link at each start that signs you in as its owner.</p>
        ) : (
          <p>
            The first one here? <Link to="/claim">Claim this server</Link>
          </p>
        )}
      </div>
    </>
  )
}
