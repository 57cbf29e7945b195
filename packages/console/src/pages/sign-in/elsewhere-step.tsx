import { Button } from '@mantine/core'
import type { SigningIn } from './use-sign-in.ts'

/** A link opens only where it was asked for, so that one that is passed on opens nothing. */
export function ElsewhereStep(props: { readonly signingIn: SigningIn }) {
  return (
    <>
      <p role="alert">
        The link still works, but only in the browser that asked for it. Go back there and type the{' '}
        <strong>code of the mail</strong>.
      </p>
      <Button size="sm" onClick={() => props.signingIn.go({ at: 'address' })}>
        Ask for a link here
      </Button>
    </>
  )
}
