import { Button } from '@mantine/core'
import type { Operator, SessionView } from '@quarterdeck/sdk/contract/identity'
import { useState } from 'react'
import { client } from '../../../app/client.ts'
import { whyNot } from '../../../app/why-not.ts'
import { Empty } from '../../../parts/empty.tsx'
import { Fetched } from '../../../parts/fetched.tsx'
import { number } from '../../../parts/format/number.ts'
import { ReasonedButton } from '../../../parts/reasoned-button.tsx'
import { Section } from '../../../parts/section.tsx'
import { usePaged } from '../../../parts/use-paged.ts'
import classes from '../identity.module.css'
import { InviteDialog } from './invite-dialog.tsx'
import { PeopleTable } from './people-table.tsx'
import { type PersonAct, PersonDialog } from './person-dialog.tsx'

/** The operators that one may see, and what can be done about them. */
export function People(props: { readonly session: SessionView }) {
  const { session } = props
  const people = usePaged<Operator>(['identity', 'people'], (at, options) =>
    client.identity.listOperators(at, options),
  )
  const [inviting, setInviting] = useState(false)
  const [act, setAct] = useState<PersonAct | null>(null)
  const [done, setDone] = useState('')
  const reason = whyNot(session, 'identity:operators')
  const dangerous = whyNot(session, 'identity:operators', { asOperator: true })

  function finish(what: string): void {
    setDone(what)
    setInviting(false)
    setAct(null)
  }

  return (
    <Section
      title="People"
      count={people.more === undefined ? people.data?.length : undefined}
      note={dangerous === undefined ? undefined : `To look at. ${dangerous}.`}
      tools={
        <ReasonedButton reason={reason} onClick={() => setInviting(true)}>
          Invite
        </ReasonedButton>
      }
    >
      <p role="status" className={classes.done}>
        {done}
      </p>
      <Fetched what="people" query={people}>
        {(operators) =>
          operators.length === 0 ? (
            <Empty title="Nobody signs in here yet">
              A server is claimed by its first owner, who invites everybody else.
            </Empty>
          ) : (
            <PeopleTable
              operators={operators}
              session={session}
              actions={reason === undefined ? (dangerous === undefined ? 'all' : 'safe') : 'none'}
              onAct={setAct}
            />
          )
        }
      </Fetched>
      {people.more === undefined ? null : (
        <div className={classes.more}>
          <Button loading={people.loadingMore} onClick={people.more}>
            Show more
          </Button>
          <span className="muted">The first {number(people.data?.length ?? 0)}</span>
        </div>
      )}
      {inviting ? (
        <InviteDialog session={session} onDone={finish} onClose={() => setInviting(false)} />
      ) : null}
      {act === null ? null : (
        <PersonDialog act={act} session={session} onDone={finish} onClose={() => setAct(null)} />
      )}
    </Section>
  )
}
