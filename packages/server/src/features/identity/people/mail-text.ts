import type { Role } from '@quarterdeck/sdk/contract/identity'
import type { Message } from '../../../ports/mail.ts'
import { grouped } from './spoken-code.ts'

/** Where the console is, and what it is called. */
export interface Place {
  /** Scheme, host and port. */
  readonly publicOrigin: () => string
  readonly appName: string
}

/** The mail with a sign-in link. The token stands behind `#`, so that no server sees it in an address. */
export function signInMail(
  { publicOrigin, appName }: Place,
  to: string,
  { token, code }: { readonly token: string; readonly code: string },
): Message {
  return {
    to,
    subject: `Sign in to ${appName}`,
    text: `Open this link in the browser where you asked for it:

${publicOrigin()}/console/sign-in#${token}

If it opens somewhere else, type this code where you asked:

${grouped(code, 4)}

Both work once, for 10 minutes. If you did not ask for them, you need do nothing; never tell the code to anybody.
`,
  }
}

/** The mail that tells of an invitation. It lets nobody in: the link is asked for on the page. */
export function invitationMail(
  { publicOrigin, appName }: Place,
  to: string,
  { tenant, role }: { readonly tenant: string; readonly role: Role },
): Message {
  return {
    to,
    subject: `You are invited to ${appName}`,
    text: `You are invited to ${appName}, to the tenant ${tenant}, as ${role}.

To accept, open this page within 7 days and ask for a link with this mail address:

${publicOrigin()}/console/sign-in
`,
  }
}
