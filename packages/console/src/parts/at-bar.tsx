import { Button } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconHistory } from '@tabler/icons-react'
import { useEffect, useId, useState } from 'react'
import { useLive } from '../live/use-live.ts'
import { Ago } from './ago.tsx'
import classes from './at-bar.module.css'
import { number } from './format/number.ts'

/** How long the slider rests before the page goes there: dragging asks for one state, not for hundreds. */
const rest = 250

/** Goes back in time along the positions of the log, and back to now. `at` is a position, or an instant typed into the URL. */
export function AtBar(props: {
  readonly at: string | undefined
  /** Position and time of the state that is shown. */
  readonly shown: { readonly position: number; readonly at: string | null } | undefined
  readonly onGo: (at: string | undefined) => void
}) {
  const { at, shown, onGo } = props
  const id = useId()
  const head = useLive(({ state }) => state?.position)
  const here = at === undefined ? head : (shown?.position ?? (/^\d+$/.test(at) ? Number(at) : undefined))
  const [dragged, setDragged] = useState<number>()

  useEffect(() => {
    if (dragged === undefined) return
    const timer = setTimeout(() => {
      setDragged(undefined)
      onGo(dragged >= (head ?? 0) ? undefined : String(dragged))
    }, rest)
    return () => clearTimeout(timer)
  }, [dragged, head, onGo])

  if (head === undefined || head === 0) return null
  const value = Math.min(dragged ?? here ?? head, head)
  const step = (by: 1 | -1) => setDragged(Math.min(head, Math.max(1, value + by)))
  return (
    <div className={classes.bar} data-past={at !== undefined}>
      <IconHistory size={15} aria-hidden="true" className={classes.icon} />
      <label htmlFor={id} className={classes.label}>
        {at === undefined ? 'Now' : 'As of'} <strong>position {number(value)}</strong>
        {at !== undefined && shown?.at ? (
          <span className={classes.when}>
            {' '}
            · <Ago time={shown.at} />
          </span>
        ) : null}
      </label>
      <button type="button" className={classes.step} onClick={() => step(-1)} disabled={value <= 1}>
        <IconChevronLeft size={14} aria-label="One position back" />
      </button>
      <input
        id={id}
        className={classes.slider}
        type="range"
        min={1}
        max={head}
        value={value}
        onChange={(event) => setDragged(Number(event.currentTarget.value))}
      />
      <button type="button" className={classes.step} onClick={() => step(1)} disabled={value >= head}>
        <IconChevronRight size={14} aria-label="One position on" />
      </button>
      {at === undefined ? null : <Button onClick={() => onGo(undefined)}>Back to now</Button>}
    </div>
  )
}
