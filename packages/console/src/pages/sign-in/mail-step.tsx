import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { SigningIn } from './use-sign-in.ts'

/** Waits for the mail: its link does it alone in this browser, its code from any device that shows the mail. */
export function MailStep(props: { readonly signingIn: SigningIn; readonly email: string }) {
  const { signingIn, email } = props
  const [code, setCode] = useState('')
  function submit(event: FormEvent): void {
    event.preventDefault()
    void signingIn.confirm({ code: code.trim() })
  }
  return (
    <>
      <p role="status">
        If somebody is known here as <strong className="break">{email}</strong>, a mail is on its way. Open
        its link in this browser, or type its code here. Both work for ten minutes.
      </p>
      <form onSubmit={submit}>
        <TextInput
          label="Code of the mail"
          size="sm"
          placeholder="8 characters"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={32}
          autoFocus
          classNames={{ input: 'mono' }}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button
          type="submit"
          variant="filled"
          size="sm"
          loading={signingIn.busy}
          disabled={code.trim() === ''}
        >
          Sign in
        </Button>
        <Button size="sm" variant="transparent" onClick={() => signingIn.go({ at: 'address' })}>
          Use another address, or ask again
        </Button>
      </form>
    </>
  )
}
