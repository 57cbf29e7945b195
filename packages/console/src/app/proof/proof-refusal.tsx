import { Fault } from '@quarterdeck/sdk/errors'
import { Link } from '@tanstack/react-router'
import { Problem } from '../../parts/problem.tsx'

/** Why a proof was not given, and what to do about it. */
export function ProofRefusal(props: { readonly error: unknown; readonly onLeave: () => void }) {
  const { error, onLeave } = props
  if (error instanceof Fault && error.code === 'enrolment_required') {
    return (
      <p role="alert">
        <strong>This needs your second factor, and none is enrolled.</strong>{' '}
        <Link to="/identity" search={{ part: 'account' }} onClick={onLeave}>
          Enrol one
        </Link>
        , then come back.
      </p>
    )
  }
  return <Problem error={error} />
}
