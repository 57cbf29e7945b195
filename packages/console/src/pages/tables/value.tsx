import { cutText } from '../../parts/cut-text.ts'
import classes from './tables.module.css'

/** As many characters stand in one line of a table. */
const short = 24

/** A value of a document, cut where it is long. What is not there, null and an empty text are told apart. */
export function Value(props: { readonly value: unknown; readonly most?: number }) {
  const { value, most = 80 } = props
  if (value === undefined) return <span className="muted">–</span>
  if (value === '') return <span className={classes.odd}>empty text</span>
  if (value === null) return <span className={classes.odd}>null</span>
  if (typeof value === 'string') {
    return (
      <span
        className={classes.value}
        data-long={value.length > short}
        title={value.length > most ? cutText(value, 1_000) : undefined}
      >
        {cutText(value, most)}
      </span>
    )
  }
  const json = JSON.stringify(value)
  return (
    <code
      className={classes.value}
      data-long={json.length > short}
      title={json.length > most ? cutText(json, 1_000) : undefined}
    >
      {cutText(json, most)}
    </code>
  )
}

/** Stands where a value is that the reader may not see, so that it does not look empty. */
export function Hidden() {
  return (
    <span className={classes.hidden} title="Masked: operators may not see this field">
      hidden
    </span>
  )
}
