import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './dialog-buttons.module.css'

/** The end of a dialog's form: go on, or let it be. */
export function DialogButtons(props: {
  readonly act: ReactNode
  readonly busy: boolean
  readonly disabled?: boolean
  /** Cannot be undone, or hurts somebody. */
  readonly danger?: boolean
  readonly onCancel: () => void
}) {
  const { act, busy, disabled = false, danger = false, onCancel } = props
  return (
    <div className={classes.buttons}>
      <Button size="sm" onClick={onCancel} disabled={busy}>
        Cancel
      </Button>
      <Button
        type="submit"
        size="sm"
        variant="filled"
        {...(danger ? { color: 'red.9' } : {})}
        loading={busy}
        disabled={disabled}
      >
        {act}
      </Button>
    </div>
  )
}
