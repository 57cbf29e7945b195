import { Button, PasswordInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { SigningIn } from './use-sign-in.ts'

/** Exchanges a token for a session of this browser. It stays what it is: no operator, and nothing that needs one. */
export function TokenForm(props: { readonly signingIn: SigningIn }) {
  const { busy, open } = props.signingIn
  const [token, setToken] = useState('')
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (token.trim() !== '') void open(token.trim(), 'token')
  }
  return (
    <form onSubmit={submit}>
      <PasswordInput
        label="Token"
        description="A local server prints one when it starts, with a link that signs in by itself."
        size="sm"
        autoComplete="off"
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show the token' }}
      />
      <Button type="submit" size="sm" loading={busy} disabled={token.trim() === ''}>
        Sign in
      </Button>
    </form>
  )
}
