import { IconAlertTriangle } from '@tabler/icons-react'
import classes from './functions.module.css'

/** The modules of the app that could not be loaded when it was built, and why: their functions are missing. */
export function FailedModules(props: {
  readonly failed: readonly { readonly file: string; readonly message: string }[]
}) {
  const { failed } = props
  if (failed.length === 0) return null
  return (
    <div className={classes.failed} role="alert">
      <IconAlertTriangle size={16} aria-hidden="true" />
      <div>
        <strong>
          {failed.length === 1 ? 'One module' : `${failed.length} modules`} could not be loaded: the functions
          in there are missing
        </strong>
        <ul>
          {failed.map(({ file, message }) => (
            <li key={file}>
              <code className="break">{file}</code> <span className={classes.message}>{message}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}
