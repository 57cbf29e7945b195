import classes from './economics.module.css'

/** Whole UTC days from and to (the last included); empty is without end. */
export function Period(props: {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly onChange: (change: { from?: string | undefined; to?: string | undefined }) => void
}) {
  const { from, to, onChange } = props
  return (
    <fieldset className={classes.period}>
      <legend className="visually-hidden">Period</legend>
      <input
        type="date"
        aria-label="From day"
        value={from?.slice(0, 10) ?? ''}
        onChange={({ currentTarget: { value } }) =>
          onChange({ from: value === '' ? undefined : `${value}T00:00:00Z` })
        }
      />
      <span className="muted">to</span>
      <input
        type="date"
        aria-label="To day"
        value={to?.slice(0, 10) ?? ''}
        onChange={({ currentTarget: { value } }) =>
          onChange({ to: value === '' ? undefined : `${value}T23:59:59.999Z` })
        }
      />
    </fieldset>
  )
}
