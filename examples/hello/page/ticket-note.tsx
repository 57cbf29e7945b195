import { useState } from 'react'
import { useDesk } from './desk-client.ts'

/** A note that exists for its writer alone; saved when its field is left. */
export function TicketNote({ id, note }: { readonly id: string; readonly note: string }) {
  const { desk, act } = useDesk()
  const [text, setText] = useState<string | null>(null)
  async function save(): Promise<void> {
    if (text === null || text === note) return setText(null)
    if (await act(desk.rpc.saveNote(id, text))) setText(null)
  }
  return (
    <label className="note">
      Note to yourself{' '}
      <small>{text !== null && text !== note ? 'Not saved yet' : 'Nobody else can read this'}</small>
      <textarea
        rows={2}
        maxLength={4_000}
        value={text ?? note}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => void save()}
      />
    </label>
  )
}
