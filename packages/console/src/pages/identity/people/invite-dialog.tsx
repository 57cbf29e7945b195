import { TextInput } from '@mantine/core'
import type { Role, SessionView } from '@quarterdeck/sdk/contract/identity'
import { type FormEvent, useState } from 'react'
import { client } from '../../../app/client.ts'
import { useProved } from '../../../app/proof/use-proved.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogButtons } from '../../../parts/dialog-buttons.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { RoleSelect } from './role-select.tsx'
import { TenantField } from './tenant-field.tsx'

/** Invites a person by mail. The mail holds no key: whoever has the mailbox asks for a link with it. */
export function InviteDialog(props: {
  readonly session: SessionView
  /** Whom, where that is known. */
  readonly to?: string
  readonly onDone: (what: string) => void
  readonly onClose: () => void
}) {
  const { session, onDone, onClose } = props
  const [email, setEmail] = useState(props.to ?? '')
  const [role, setRole] = useState<Role>('developer')
  const [tenant, setTenant] = useState(session.tenant)
  const { perform, busy, error } = useProved(client.identity.inviteOperator, (operator) =>
    onDone(`${operator.email} is invited. The invitation can be accepted for seven days.`),
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    perform({ email: email.trim(), role, ...(tenant === session.tenant ? {} : { tenant }) })
  }
  return (
    <Dialog title="Invite somebody" opened onClose={onClose} firm={busy}>
      <form onSubmit={submit}>
        <TextInput
          label="Mail address"
          type="email"
          size="sm"
          required
          withAsterisk={false}
          autoComplete="off"
          data-autofocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <RoleSelect value={role} onChange={(chosen) => setRole(chosen ?? 'viewer')} />
        <TenantField value={tenant} onChange={setTenant} />
        {error === null ? null : <Problem error={error} />}
        <DialogButtons act="Invite" busy={busy} disabled={email.trim() === ''} onCancel={onClose} />
      </form>
    </Dialog>
  )
}
