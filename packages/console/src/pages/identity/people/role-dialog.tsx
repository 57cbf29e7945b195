import type { Operator, Role, SessionView } from '@quarterdeck/sdk/contract/identity'
import { type FormEvent, useState } from 'react'
import { client } from '../../../app/client.ts'
import { useProved } from '../../../app/proof/use-proved.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogButtons } from '../../../parts/dialog-buttons.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { nameOf } from './people-table.tsx'
import { RoleSelect } from './role-select.tsx'
import { TenantField } from './tenant-field.tsx'

/** Changes what a person is in a tenant. */
export function RoleDialog(props: {
  readonly operator: Operator
  readonly session: SessionView
  readonly onDone: (what: string) => void
  readonly onClose: () => void
}) {
  const { operator, session, onDone, onClose } = props
  const [tenant, setTenant] = useState(session.tenant)
  const now = roleIn(operator, tenant)
  const [role, setRole] = useState<Role | null>(now ?? 'viewer')
  const { perform, busy, error } = useProved(client.identity.setRole, () =>
    onDone(
      role === null
        ? `${nameOf(operator)} has no role in ${tenant} any more.`
        : `${nameOf(operator)} is now ${role} in ${tenant}.`,
    ),
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    perform({ id: operator.id, role, ...(tenant === session.tenant ? {} : { tenant }) })
  }
  return (
    <Dialog title={`Change the role of ${nameOf(operator)}`} opened onClose={onClose} firm={busy}>
      <p>
        {now === null ? `They have no role in ${tenant}.` : `They are ${now} in ${tenant}.`} A change ends
        their sessions: they sign in anew.
      </p>
      <form onSubmit={submit}>
        <RoleSelect value={role} onChange={setRole} orNone={now !== null} />
        <TenantField value={tenant} onChange={setTenant} />
        {error === null ? null : <Problem error={error} />}
        <DialogButtons act="Change" danger busy={busy} disabled={role === now} onCancel={onClose} />
      </form>
    </Dialog>
  )
}

function roleIn(operator: Operator, tenant: string): Role | null {
  return operator.memberships.find((membership) => membership.tenant === tenant)?.role ?? null
}
