import { type FormEvent, useState } from 'react'
import { CodeInput, isWhole } from '../../../parts/code-input.tsx'
import { DialogButtons } from '../../../parts/dialog-buttons.tsx'

/** Asks for six digits. They are gone once they were sent: no code counts twice. */
export function FactorForm(props: {
  readonly label: string
  readonly act: string
  readonly busy: boolean
  readonly onCode: (code: string) => Promise<void>
  readonly onCancel: () => void
}) {
  const { label, act, busy, onCode, onCancel } = props
  const [code, setCode] = useState('')
  function submit(event: FormEvent): void {
    event.preventDefault()
    void onCode(code).then(() => setCode(''))
  }
  return (
    <form onSubmit={submit}>
      <CodeInput label={label} value={code} onChange={setCode} autoFocus />
      <DialogButtons act={act} busy={busy} disabled={!isWhole(code)} onCancel={onCancel} />
    </form>
  )
}
