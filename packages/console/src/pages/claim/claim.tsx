import { Button, TextInput } from '@mantine/core'
import { Fault, fault } from '@quarterdeck/sdk/errors'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { client } from '../../app/client.ts'
import { EntryCard } from '../../parts/entry-card.tsx'
import { Problem } from '../../parts/problem.tsx'

const wrongCode =
  'This is not the claim code: it is wrong, was used, or has expired. The command quarterdeck claim-code makes a new one.'

/** Makes the first owner of a server, with the code that only who runs it can read. */
export function Claim() {
  const [code, setCode] = useState('')
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await client.identity.claim({ code: code.trim(), email, name })
      // The first thing an owner needs is a second factor: nothing dangerous is done without one.
      window.location.replace('/console/identity?part=account')
    } catch (failure) {
      const wrong = failure instanceof Fault && failure.code === 'claim_invalid'
      setError(wrong ? fault('claim_invalid', wrongCode) : failure)
      setBusy(false)
    }
  }

  const claimed = error instanceof Fault && error.code === 'already_claimed'
  return (
    <EntryCard title="Claim this server">
      <p>
        A new server belongs to nobody. Whoever has the code that it printed when it started becomes its first
        owner.
      </p>
      {claimed ? (
        <p role="alert">
          <strong>This server has an owner already.</strong> Ask to be invited, or{' '}
          <Link to="/sign-in">sign in</Link>.
        </p>
      ) : error === undefined ? null : (
        <Problem error={error} />
      )}
      <form onSubmit={(event) => void submit(event)}>
        <TextInput
          label="Claim code"
          size="sm"
          autoComplete="off"
          spellCheck={false}
          autoFocus
          required
          withAsterisk={false}
          classNames={{ input: 'mono' }}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <TextInput
          label="Your mail address"
          description="You sign in with it from now on."
          type="email"
          size="sm"
          autoComplete="email"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <TextInput
          label="Your name"
          size="sm"
          autoComplete="name"
          required
          withAsterisk={false}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="filled" size="sm" loading={busy}>
          Become the owner
        </Button>
      </form>
      <p>
        <Link to="/sign-in">Back to signing in</Link>
      </p>
    </EntryCard>
  )
}
