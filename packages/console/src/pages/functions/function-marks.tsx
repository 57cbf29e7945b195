import { StatusChip } from '../../parts/status-chip.tsx'
import classes from './functions.module.css'
import type { FunctionItem } from './functions-query.ts'

/** What is out of the ordinary about a function, in words. */
export function FunctionMarks({ fn }: { readonly fn: FunctionItem }) {
  const { broken, live, internal, cron, elevate } = fn
  const lent = Object.keys(elevate).length > 0
  return (
    <>
      {broken === null ? null : <StatusChip status="broken" tone="bad" />}
      {live ? <span className={classes.mark}>live</span> : null}
      {cron === null ? internal ? <span className={classes.mark}>internal</span> : null : null}
      {cron === null ? null : <span className={classes.mark}>cron {cron}</span>}
      {lent ? <span className={classes.mark}>elevated</span> : null}
    </>
  )
}
