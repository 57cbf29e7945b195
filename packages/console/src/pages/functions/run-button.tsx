import { Button } from '@mantine/core'
import { ReasonedButton } from '../../parts/reasoned-button.tsx'
import classes from './functions.module.css'

/** Runs the form that it stands in, and says beforehand what kind of run that is. */
export function RunButton(props: {
  readonly perm: number
  readonly reason: string | undefined
  readonly busy: boolean
}) {
  const { perm, reason, busy } = props
  return (
    <div className={classes.go}>
      {reason === undefined ? (
        <Button type="submit" size="sm" variant="filled" loading={busy}>
          Run
        </Button>
      ) : (
        <ReasonedButton size="sm" reason={reason} onClick={() => {}}>
          Run
        </ReasonedButton>
      )}
      <span className="muted">{reason ?? kindOf(perm)}</span>
    </div>
  )
}

function kindOf(perm: number): string {
  if ((perm & 1) !== 0) return 'It executes: you prove that you mean it. It is recorded.'
  return (perm & 2) !== 0 ? 'It may write. It is recorded that you ran it.' : 'It only reads. It is recorded.'
}
