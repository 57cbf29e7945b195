import { type FormEvent, useState } from 'react'
import { useDesk } from './desk-client.ts'
import { Toast } from './toast.tsx'
import { useDialog } from './use-dialog.ts'
import { showTicket } from './use-hash.ts'

const priorities = [
  ['low', 'Low'],
  ['normal', 'Normal'],
  ['high', 'Urgent'],
] as const

/** Asks for a new ticket. */
export function NewTicket({ onClose }: { readonly onClose: () => void }) {
  const { desk, act } = useDesk()
  const dialog = useDialog(onClose)
  const [title, setTitle] = useState('')
  const [body, setBody] = useState('')
  const [priority, setPriority] = useState<'low' | 'normal' | 'high'>('normal')
  const [busy, setBusy] = useState(false)

  async function open(event: FormEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    const done = await act(desk.rpc.openTicket({ title, body, priority }))
    setBusy(false)
    if (!done) return
    showTicket(null)
    onClose()
  }

  return (
    <dialog {...dialog} className="sheet" aria-labelledby="new-title">
      <form onSubmit={(event) => void open(event)}>
        <h2 id="new-title">New ticket</h2>
        <label>
          What is wrong?
          <input
            autoFocus
            required
            maxLength={120}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </label>
        <label>
          More about it
          <textarea
            rows={5}
            maxLength={4_000}
            value={body}
            onChange={(event) => setBody(event.target.value)}
          />
        </label>
        <fieldset className="choice">
          <legend>Priority</legend>
          {priorities.map(([value, label]) => (
            <label key={value}>
              <input
                type="radio"
                name="priority"
                checked={priority === value}
                onChange={() => setPriority(value)}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
        <div className="actions">
          <button type="button" className="plain" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={busy || title.trim() === ''}>
            Open ticket
          </button>
        </div>
      </form>
      <Toast />
    </dialog>
  )
}
