import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { CodeInput, isWhole } from '../../parts/code-input.tsx'
import type { Means, SigningIn } from './use-sign-in.ts'

/** Asks for the code of the second factor, or for one of the recovery codes where the factor is lost. */
export function FactorStep(props: { readonly signingIn: SigningIn; readonly means: Means }) {
  const { signingIn, means } = props
  const [lost, setLost] = useState(false)
  const [totp, setTotp] = useState('')
  const [recovery, setRecovery] = useState('')
  function submit(event: FormEvent): void {
    event.preventDefault()
    void signingIn.confirm(means, lost ? { recovery: recovery.trim() } : { totp }).then(() => setTotp(''))
  }
  return (
    <form onSubmit={submit}>
      {lost ? (
        <TextInput
          label="Recovery code"
          description="Each works once. You enrol a new factor right after."
          size="sm"
          autoComplete="off"
          spellCheck={false}
          maxLength={64}
          autoFocus
          classNames={{ input: 'mono' }}
          value={recovery}
          onChange={(event) => setRecovery(event.currentTarget.value)}
        />
      ) : (
        <CodeInput
          label="Code of your second factor"
          description="Six digits, from the app that you enrolled."
          value={totp}
          onChange={setTotp}
          autoFocus
        />
      )}
      <Button
        type="submit"
        variant="filled"
        size="sm"
        loading={signingIn.busy}
        disabled={lost ? recovery.trim() === '' : !isWhole(totp)}
      >
        Sign in
      </Button>
      <Button size="sm" variant="transparent" onClick={() => setLost(!lost)}>
        {lost ? 'Use the code of the factor' : 'Use a recovery code'}
      </Button>
    </form>
  )
}
