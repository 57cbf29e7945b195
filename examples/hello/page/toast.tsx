import { useDesk } from './desk-client.ts'

/** Why the last thing that was tried did not work. Stands in the dialog where one is open: all else is out of reach then. */
export function Toast() {
  const { problem, dismiss } = useDesk()
  if (problem === null) return null
  return (
    <div className="toast" role="alert">
      <span>{problem}</span>
      <button type="button" className="plain" onClick={dismiss}>
        Dismiss
      </button>
    </div>
  )
}
