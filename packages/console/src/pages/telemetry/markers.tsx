import { Button } from '@mantine/core'
import type { Marker } from '@quarterdeck/sdk/contract/telemetry-query'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import { instant } from '../../parts/format/instant.ts'
import { words } from '../../parts/format/words.ts'
import classes from './telemetry.module.css'
import { useTelemetrySearch } from './use-telemetry-search.ts'

const around = 900_000

/** Steps through what the platform did in the window; the window can be drawn close around each. */
export function Markers(props: { readonly markers: readonly Marker[] }) {
  const { markers } = props
  const [, change] = useTelemetrySearch()
  const [at, setAt] = useState(0)
  const index = Math.min(at, markers.length - 1)
  const marker = markers[index]
  if (marker === undefined) return null

  function narrow(to: Marker): void {
    const moment = Date.parse(to.at)
    const edge = (by: number) => new Date(moment + by).toISOString()
    change({ preset: 'custom', from: edge(-around), to: edge(around) })
  }

  return (
    <div className={classes.markers}>
      <Button
        size="compact-xs"
        disabled={index === 0}
        onClick={() => setAt(index - 1)}
        aria-label="Previous marker"
      >
        <IconChevronLeft size={13} />
      </Button>
      <Button
        size="compact-xs"
        disabled={index >= markers.length - 1}
        onClick={() => setAt(index + 1)}
        aria-label="Next marker"
      >
        <IconChevronRight size={13} />
      </Button>
      <span role="status">
        Marker {index + 1} of {markers.length}: <strong>{words(marker.kind)}</strong>
        {[marker.surface, marker.release, marker.subject]
          .filter((part) => part !== undefined)
          .map((part) => ` · ${part}`)}{' '}
        <span className="muted">{instant(marker.at)}</span>
      </span>
      <Button size="compact-xs" onClick={() => narrow(marker)}>
        Look 15 min around it
      </Button>
    </div>
  )
}
