import { Tooltip } from '@mantine/core'
import type { StreamStatus } from '@quarterdeck/sdk/client'
import { useLive } from '../live/use-live.ts'
import classes from './live-badge.module.css'

const meanings: Readonly<Record<StreamStatus, { word: string; says: string }>> = {
  live: { word: 'Live', says: 'Changes show as they happen' },
  connecting: { word: 'Connecting', says: 'On the way to the live feed' },
  stale: { word: 'Stale', says: 'No connection for more than 5 s: what is shown may be out of date' },
  closed: { word: 'Stale', says: 'The live feed has ended: load the page again' },
}

/** Whether what is shown is what is. */
export function LiveBadge() {
  const status = useLive((live) => live.status)
  const { word, says } = meanings[status]
  return (
    <Tooltip label={says}>
      <span className={classes.badge} data-status={status} role="status">
        <span className={classes.dot} aria-hidden="true" />
        {word}
        <span className="visually-hidden">: {says}</span>
      </span>
    </Tooltip>
  )
}
