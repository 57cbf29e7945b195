import classes from './instant-input.module.css'

/** A time to the minute, or to the second, in the reader's zone. */
export function InstantInput(props: {
  readonly label: string
  /** RFC 3339. */
  readonly value: string | undefined
  readonly seconds?: boolean
  readonly onChange: (time: string | undefined) => void
}) {
  const { label, value, seconds = false, onChange } = props
  return (
    <input
      type="datetime-local"
      className={classes.instant}
      aria-label={label}
      {...(seconds ? { step: 1 } : {})}
      value={value === undefined ? '' : local(value, seconds ? 19 : 16)}
      onChange={({ currentTarget }) => {
        const time = new Date(currentTarget.value)
        onChange(Number.isNaN(time.valueOf()) ? undefined : time.toISOString())
      }}
    />
  )
}

/** The form the input takes: local time. */
function local(time: string, characters: number): string {
  const at = new Date(time)
  if (Number.isNaN(at.valueOf())) return ''
  return new Date(at.valueOf() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, characters)
}
