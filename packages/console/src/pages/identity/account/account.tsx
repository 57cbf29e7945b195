import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { Link } from '@tanstack/react-router'
import { Section } from '../../../parts/section.tsx'
import classes from '../identity.module.css'
import { Factor } from './factor.tsx'
import { OwnSessions } from './own-sessions.tsx'

/** What is one's own: the second factor, and where one is signed in. */
export function Account(props: { readonly session: SessionView }) {
  const { session } = props
  if (session.actor.class !== 'operator') {
    return (
      <Section title="My account">
        <div className={classes.body}>
          <p>
            You came in with a token of the class <strong>{session.actor.class}</strong>. A token has no
            second factor and no sessions of its own, and cannot prove anything: nothing dangerous can be done
            with it.
          </p>
          <p>
            <Link to="/sign-in">Sign in as an operator</Link> for that.
          </p>
        </div>
      </Section>
    )
  }
  return (
    <div className="stack">
      <Factor session={session} />
      <OwnSessions />
    </div>
  )
}
