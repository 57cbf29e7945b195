import type { CredentialItem } from '@quarterdeck/sdk/contract/identity'
import type { FormEvent } from 'react'
import { client } from '../../../app/client.ts'
import { useProved } from '../../../app/proof/use-proved.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogButtons } from '../../../parts/dialog-buttons.tsx'
import { Problem } from '../../../parts/problem.tsx'

/** Ends a token, once one has said so twice. */
export function RevokeToken(props: { readonly token: CredentialItem; readonly onClose: () => void }) {
  const { token, onClose } = props
  const { perform, busy, error } = useProved(client.identity.revokeToken, onClose)
  function submit(event: FormEvent): void {
    event.preventDefault()
    perform({ id: token.id })
  }
  return (
    <Dialog title={`Revoke ${token.label}`} opened onClose={onClose} firm={busy}>
      <p>
        Whatever comes in with it is refused from now on, and its open streams end. This cannot be undone.
      </p>
      <form onSubmit={submit}>
        {error === null ? null : <Problem error={error} />}
        <DialogButtons act="Revoke" danger busy={busy} onCancel={onClose} />
      </form>
    </Dialog>
  )
}
