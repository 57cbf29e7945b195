import { Button } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconHistory } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useId, useState } from 'react'
import bar from '../../parts/at-bar.module.css'
import { instant } from '../../parts/format/instant.ts'
import { number } from '../../parts/format/number.ts'
import { InstantInput } from '../../parts/instant-input.tsx'
import classes from './tables.module.css'

/** How long the slider rests before the page goes there: dragging asks for one snapshot, not for hundreds. */
const rest = 300

/** Goes back along the commits, or to a time, and back to now; where it is lives in the URL. */
export function AsOfBar(props: {
  /** A commit's number, or an instant. */
  readonly asOf: string | undefined
  /** The number of the newest commit. */
  readonly last: number
  /** The commit that what is shown is as of, where that is known. */
  readonly shown?: number | undefined
}) {
  const { asOf, last, shown } = props
  const id = useId()
  const go = useGo()
  const isNumber = asOf !== undefined && /^\d+$/.test(asOf)
  const here = asOf === undefined ? last : isNumber ? Number(asOf) : shown
  const [dragged, setDragged] = useState<number>()

  useEffect(() => {
    if (dragged === undefined) return
    const timer = setTimeout(() => {
      setDragged(undefined)
      go(dragged >= last ? undefined : String(dragged))
    }, rest)
    return () => clearTimeout(timer)
  }, [dragged, last, go])

  const value = Math.min(dragged ?? here ?? last, last)
  const step = (by: 1 | -1) => setDragged(Math.min(last, Math.max(0, value + by)))
  return (
    <div className={bar.bar} data-past={asOf !== undefined}>
      <IconHistory size={15} aria-hidden="true" className={bar.icon} />
      <label htmlFor={id} className={bar.label}>
        {asOf === undefined && dragged === undefined ? 'Now' : 'As of'}{' '}
        <strong>commit {number(dragged ?? here ?? null)}</strong>
        {asOf !== undefined && !isNumber ? <span className={bar.when}> · {instant(asOf)}</span> : null}
      </label>
      <button type="button" className={bar.step} onClick={() => step(-1)} disabled={value <= 0}>
        <IconChevronLeft size={14} aria-label="One commit back" />
      </button>
      <input
        id={id}
        className={bar.slider}
        type="range"
        min={0}
        max={last}
        value={value}
        onChange={(event) => setDragged(Number(event.currentTarget.value))}
      />
      <button type="button" className={bar.step} onClick={() => step(1)} disabled={value >= last}>
        <IconChevronRight size={14} aria-label="One commit on" />
      </button>
      <div className={classes.time}>
        <InstantInput label="As of a time" seconds value={isNumber ? undefined : asOf} onChange={go} />
      </div>
      {asOf === undefined ? null : <Button onClick={() => go(undefined)}>Back to now</Button>}
    </div>
  )
}

/** Goes to another commit or time of the page that is open, and keeps the rest of its URL. */
function useGo(): (asOf: string | undefined) => void {
  const navigate = useNavigate()
  return useCallback(
    (asOf) => void navigate({ to: '.', search: (former) => ({ ...former, asOf }), replace: true }),
    [navigate],
  )
}
