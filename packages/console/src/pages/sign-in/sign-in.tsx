import { Button, PasswordInput } from '@mantine/core'
import { Fault, fault } from '@quarterdeck/sdk/errors'
import { getRouteApi } from '@tanstack/react-router'

import { type FormEvent, useEffect, useState } from 'react'
import { client } from '../../app/client.ts'
import { safeReturnTo } from '../../app/sign-in-redirect.ts'
import { Problem } from '../../parts/problem.tsx'
import classes from './sign-in.module.css'

const route = getRouteApi('/sign-in')

const spentLink =
  'This link is spent: it opens once, within ten minutes. Paste a token, or start the server anew for another link.'

/** Exchanges a token for a session of this browser; a one-time link does it by itself. */
export function SignIn() {
  const { returnTo } = route.useSearch()
  const [token, setToken] = useState('')
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)

  async function open(given: string, refusal?: string): Promise<void> {
    setBusy(true)
    setError(undefined)
    try {
      await client.identity.openSession({ token: given })
      window.location.replace(safeReturnTo(returnTo))
    } catch (failure) {
      const spent = refusal !== undefined && failure instanceof Fault && failure.status === 401
      setError(spent ? fault('unauthenticated', refusal) : failure)
      setBusy(false)
    }
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: the link is spent once, when the page opens
  useEffect(() => {
    document.title = 'Sign in · Quarterdeck'
    const ticket = takeTicket()
    if (ticket !== null) void open(ticket, spentLink)
  }, [])

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (token.trim() !== '') void open(token.trim())
  }

  return (
    <main className={classes.page}>
      <form className={classes.card} onSubmit={submit}>
        <h1 className={classes.title}>
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={28} height={28} />
          Sign in to Quarterdeck
        </h1>
        <PasswordInput
          label="Token"
          description="The server prints one when it starts, with a link that signs in by itself."
          size="sm"
          autoComplete="off"
          autoFocus
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the token' }}
        />
        <Button type="submit" variant="filled" size="sm" loading={busy} disabled={token.trim() === ''}>
          Sign in
        </Button>
        {error === undefined ? null : <Problem error={error} />}
      </form>
    </main>
  )
}

/** The one-time ticket of the address, which forgets it before anything is sent. */
function takeTicket(): string | null {
  const { hash, pathname, search } = window.location
  if (hash === '') return null
  window.history.replaceState(null, '', pathname + search)
  return new URLSearchParams(hash.slice(1)).get('ticket')
}
