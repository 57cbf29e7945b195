import { Select } from '@mantine/core'
import type { CredentialItem } from '@quarterdeck/sdk/contract/identity'
import { type FormEvent, useState } from 'react'
import { client } from '../../../app/client.ts'
import { useProved } from '../../../app/proof/use-proved.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogButtons } from '../../../parts/dialog-buttons.tsx'
import { Problem } from '../../../parts/problem.tsx'
import type { Issued } from './tokens.tsx'

const overlaps = [
  { value: '0', label: 'stops at once' },
  { value: '3600', label: 'works for another hour' },
  { value: '86400', label: 'works for another day' },
  { value: '604800', label: 'works for another 7 days' },
  { value: '2592000', label: 'works for another 30 days' },
]

/** Gives a token a new secret, and the old one time to be replaced where it is used. */
export function RotateToken(props: {
  readonly token: CredentialItem
  readonly onIssued: (issued: Issued) => void
  readonly onClose: () => void
}) {
  const { token, onIssued, onClose } = props
  const [overlap, setOverlap] = useState('86400')
  const said = overlaps.find(({ value }) => value === overlap)?.label ?? ''
  const { perform, busy, error } = useProved(client.identity.rotateToken, (issued) =>
    onIssued({ token: issued.token, says: `The new secret of “${token.label}”. The old one ${said}.` }),
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    perform({ id: token.id, overlapSeconds: Number(overlap) })
  }
  return (
    <Dialog title={`Rotate ${token.label}`} opened onClose={onClose} firm={busy}>
      <form onSubmit={submit}>
        <Select
          label="The old secret"
          size="sm"
          allowDeselect={false}
          data={overlaps}
          value={overlap}
          onChange={(value) => setOverlap(value ?? '86400')}
        />
        {error === null ? null : <Problem error={error} />}
        <DialogButtons act="Rotate" busy={busy} onCancel={onClose} />
      </form>
    </Dialog>
  )
}
