import type { Operator, SessionView } from '@quarterdeck/sdk/contract/identity'
import { client } from '../../../app/client.ts'
import type { ActKind } from './acts-on.ts'
import { InviteDialog } from './invite-dialog.tsx'
import { PersonSessions } from './person-sessions.tsx'
import { ReasonDialog } from './reason-dialog.tsx'
import { RoleDialog } from './role-dialog.tsx'

/** Something that is about to be done about a person. */
export interface PersonAct {
  readonly kind: ActKind
  readonly operator: Operator
}

/** The dialog of an act. */
export function PersonDialog(props: {
  readonly act: PersonAct
  readonly session: SessionView
  readonly onDone: (what: string) => void
  readonly onClose: () => void
}) {
  const { act, session, onDone, onClose } = props
  const { operator } = act
  switch (act.kind) {
    case 'invite':
      return <InviteDialog session={session} to={operator.email} onDone={onDone} onClose={onClose} />
    case 'role':
      return <RoleDialog operator={operator} session={session} onDone={onDone} onClose={onClose} />
    case 'disable':
      return (
        <ReasonDialog
          operator={operator}
          title="Disable"
          says="They are signed out everywhere at once, and cannot sign in any more."
          call={client.identity.disableOperator}
          done="is disabled."
          onDone={onDone}
          onClose={onClose}
        />
      )
    case 'reset':
      return (
        <ReasonDialog
          operator={operator}
          title="Reset the second factor of"
          says="Their factor and recovery codes stop working and their sessions end. They sign in by mail alone, and enrol a new factor."
          call={client.identity.resetFactor}
          done="has no second factor any more."
          onDone={onDone}
          onClose={onClose}
        />
      )
    case 'sessions':
      return <PersonSessions operator={operator} onDone={onDone} onClose={onClose} />
  }
}
