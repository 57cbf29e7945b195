import { Button } from '@mantine/core'
import type { SigningIn } from './use-sign-in.ts'

/** A mail's link was opened, and signs in by itself; the button does it again where that failed. */
export function LinkStep(props: { readonly signingIn: SigningIn; readonly token: string }) {
  const { signingIn, token } = props
  return (
    <>
      <p role="status">{signingIn.busy ? 'Signing you in…' : 'The link was not used.'}</p>
      <Button
        variant="filled"
        size="sm"
        loading={signingIn.busy}
        onClick={() => signingIn.confirm({ token })}
      >
        Sign in
      </Button>
    </>
  )
}
