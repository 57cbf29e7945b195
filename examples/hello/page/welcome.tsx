import { firstPeople } from '../app/first-people.ts'
import { Avatar } from './avatar.tsx'
import { Mark } from './icons.tsx'

/** Asks who you are today. */
export function Welcome(props: {
  readonly busy: boolean
  readonly problem: string | null
  readonly onChoose: (person: string) => void
}) {
  return (
    <main className="welcome" aria-busy={props.busy}>
      <Mark />
      <h1>Who is at the desk?</h1>
      <p>
        Open this page in two windows as two people: what one does, the other sees at once. Ada leads the
        desk, and sees what tickets cost.
      </p>
      <ul>
        {firstPeople.map(({ id, name, role }) => (
          <li key={id}>
            <button type="button" disabled={props.busy} onClick={() => props.onChoose(id)}>
              <Avatar id={id} name={name} large />
              <span>
                <strong>{name}</strong>
                <small>{role === 'lead' ? 'Leads the desk' : 'At the desk'}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {props.problem === null ? null : <p role="alert">{props.problem}</p>}
    </main>
  )
}
