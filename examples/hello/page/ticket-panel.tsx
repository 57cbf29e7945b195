import { type FormEvent, useState } from 'react'
import { Avatar } from './avatar.tsx'
import { type Column, nameOf, type Ticket, useDesk, useQuery } from './desk-client.ts'
import { Cross } from './icons.tsx'
import { TicketNote } from './ticket-note.tsx'
import { Toast } from './toast.tsx'
import { useDialog } from './use-dialog.ts'
import { ago, useNow } from './use-now.ts'

const states: readonly (readonly [Column, string])[] = [
  ['open', 'Open'],
  ['doing', 'In hand'],
  ['done', 'Done'],
]

/** One ticket with all that belongs to it, live, over the board. */
export function TicketPanel({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { desk } = useDesk()
  const { result } = useQuery(desk.live.ticket, [id])
  const dialog = useDialog(onClose)
  return (
    <dialog {...dialog} className="panel" aria-label="Ticket">
      <button type="button" className="plain close" aria-label="Close" onClick={onClose}>
        <Cross />
      </button>
      {result === undefined ? (
        <p className="waiting">Fetching the ticket…</p>
      ) : result === null ? (
        <p className="waiting">This ticket is not there any more.</p>
      ) : (
        <TicketView ticket={result} />
      )}
      <Toast />
    </dialog>
  )
}

function TicketView({ ticket }: { readonly ticket: Ticket }) {
  const { desk, act, me, people } = useDesk()
  const now = useNow()
  return (
    <article>
      <p className="number">
        #{ticket.number} · opened by {nameOf(people, ticket.opener)},{' '}
        <time dateTime={ticket.openedAt}>{ago(ticket.openedAt, now)}</time>
      </p>
      <h2>{ticket.title}</h2>
      {ticket.body === '' ? null : <p className="body">{ticket.body}</p>}
      <div className="fields">
        <fieldset className="choice">
          <legend>State</legend>
          {states.map(([state, label]) => (
            <label key={state}>
              <input
                type="radio"
                name="state"
                checked={ticket.state === state}
                onChange={() => void act(desk.rpc.move(ticket.id, state))}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
        <label>
          Assigned to
          <select
            value={ticket.assignee ?? ''}
            onChange={(event) => void act(desk.rpc.assign(ticket.id, event.target.value || null))}
          >
            <option value="">Nobody</option>
            {people.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {me.role === 'lead' ? <Cost key={ticket.cost} ticket={ticket} /> : null}
      </div>
      <h3>
        Comments <span className="count">{ticket.thread.length}</span>
      </h3>
      <ol className="thread">
        {ticket.thread.map(({ id, author, text, at }) => (
          <li key={id}>
            <Avatar id={author} name={nameOf(people, author)} />
            <div>
              <p className="who">
                <strong>{nameOf(people, author)}</strong> <time dateTime={at}>{ago(at, now)}</time>
              </p>
              <p className="body">{text}</p>
            </div>
          </li>
        ))}
      </ol>
      <CommentForm id={ticket.id} />
      <TicketNote id={ticket.id} note={ticket.note} />
    </article>
  )
}

/** What it cost: the field is masked, and only who leads the desk has it at all. */
function Cost({ ticket }: { readonly ticket: Ticket }) {
  const { desk, act } = useDesk()
  const [text, setText] = useState(ticket.cost === undefined ? '' : String(ticket.cost))
  const save = () => {
    const cost = text.trim() === '' ? null : Number(text)
    if (cost !== (ticket.cost ?? null)) void act(desk.rpc.setCost(ticket.id, cost))
  }
  return (
    <label>
      Cost in € (leads only)
      <input
        type="number"
        min={0}
        step={1}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={save}
      />
    </label>
  )
}

function CommentForm({ id }: { readonly id: string }) {
  const { desk, act } = useDesk()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  async function say(event: FormEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    if (await act(desk.rpc.comment(id, text))) setText('')
    setBusy(false)
  }
  return (
    <form className="say" onSubmit={(event) => void say(event)}>
      <label>
        <span className="unseen">Comment</span>
        <textarea
          rows={2}
          required
          maxLength={4_000}
          placeholder="Say something to everybody"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <button type="submit" disabled={busy || text.trim() === ''}>
        Comment
      </button>
    </form>
  )
}
