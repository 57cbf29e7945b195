import { Button } from '@mantine/core'
import { Fault } from '@quarterdeck/sdk/errors'
import { IconAlertTriangle } from '@tabler/icons-react'
import { duration } from './format/duration.ts'
import classes from './problem.module.css'

/** Says what failed in the server's own words, with what is needed to look it up. */
export function Problem(props: { readonly error: unknown; readonly retry?: () => void }) {
  const { error } = props
  const fault = error instanceof Fault ? error : undefined
  const requestId = fault?.members.requestId
  const wait = fault?.members.retryAfterMs
  return (
    <div className={classes.problem} role="alert">
      <IconAlertTriangle size={16} className={classes.icon} aria-hidden="true" />
      <div className={classes.text}>
        <strong>{fault?.message ?? 'This page failed'}</strong>
        {typeof wait === 'number' && wait > 0 ? <p>Try again in {duration(wait)}.</p> : null}
        <ul className={classes.issues}>
          {fault?.issues.map(({ path, message }) => (
            <li key={`${path.join('.')}: ${message}`}>
              <code>{path.join('.')}</code> {message}
            </li>
          ))}
        </ul>
        <span className="muted">
          {fault?.code ?? (error instanceof Error ? error.name : 'error')}
          {typeof requestId === 'string' ? ` · request ${requestId}` : null}
        </span>
      </div>
      {props.retry === undefined ? null : <Button onClick={props.retry}>Try again</Button>}
    </div>
  )
}
