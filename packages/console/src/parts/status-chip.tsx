import { words } from './format/words.ts'
import classes from './status-chip.module.css'
import { type Tone, toneOf } from './tone.ts'

/** A status in words, with the colour and sign of its kind. */
export function StatusChip(props: { readonly status: string | null | undefined; readonly tone?: Tone }) {
  const tone = props.tone ?? toneOf(props.status)
  return (
    <span className={classes.chip} data-tone={tone}>
      <span className={classes.sign} aria-hidden="true" />
      {props.status ? words(props.status) : 'no status'}
    </span>
  )
}
