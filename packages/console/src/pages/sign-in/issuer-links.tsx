import { Button } from '@mantine/core'
import { logins } from '../../app/logins.ts'
import { safeReturnTo } from '../../app/sign-in-redirect.ts'
import classes from './sign-in.module.css'

/** Links to the issuers that one can sign in at: they lead out of the console and back. */
export function IssuerLinks(props: { readonly returnTo: string | undefined }) {
  const issuers = logins()
  if (issuers.length === 0) return null
  const returnTo = safeReturnTo(props.returnTo)
  return (
    <div className={classes.issuers}>
      {issuers.map((issuer) => (
        <Button
          key={issuer}
          component="a"
          size="sm"
          href={`/auth/login?${new URLSearchParams({ issuer, returnTo })}`}
        >
          Sign in with {nameOf(issuer)}
        </Button>
      ))}
    </div>
  )
}

/** An issuer is a URL; people know its host. */
function nameOf(issuer: string): string {
  return URL.canParse(issuer) ? new URL(issuer).host : issuer
}
