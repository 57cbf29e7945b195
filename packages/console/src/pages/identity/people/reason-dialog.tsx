import { Textarea } from '@mantine/core'
import type { CallOptions } from '@quarterdeck/sdk/client'
import type { Operator } from '@quarterdeck/sdk/contract/identity'
import { type FormEvent, useState } from 'react'
import { useProved } from '../../../app/proof/use-proved.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogButtons } from '../../../parts/dialog-buttons.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { nameOf } from './people-table.tsx'

/** Asks why something is done to a person; the reason goes into the record of decisions. */
export function ReasonDialog(props: {
  readonly operator: Operator
  readonly title: string
  readonly says: string
  readonly call: (input: { id: string; reason: string }, options?: CallOptions) => Promise<Operator>
  readonly done: string
  readonly onDone: (what: string) => void
  readonly onClose: () => void
}) {
  const { operator, title, says, call, done, onDone, onClose } = props
  const [reason, setReason] = useState('')
  const { perform, busy, error } = useProved(call, () => onDone(`${nameOf(operator)} ${done}`))
  function submit(event: FormEvent): void {
    event.preventDefault()
    perform({ id: operator.id, reason: reason.trim() })
  }
  return (
    <Dialog title={`${title} ${nameOf(operator)}`} opened onClose={onClose} firm={busy}>
      <p>{says}</p>
      <form onSubmit={submit}>
        <Textarea
          label="Reason"
          description="It stays on record."
          size="sm"
          required
          withAsterisk={false}
          maxLength={500}
          autosize
          minRows={2}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {error === null ? null : <Problem error={error} />}
        <DialogButtons act="Go on" danger busy={busy} disabled={reason.trim() === ''} onCancel={onClose} />
      </form>
    </Dialog>
  )
}
