import type { ReactNode } from 'react'
import classes from './raw-fields.module.css'
import { ScrollRegion } from './scroll-region.tsx'

/** Everything a record or object holds, as text, folded away under its label. */
export function RawFields(props: {
  readonly label: ReactNode
  /** Names the text where the label is more than words. */
  readonly name?: string
  readonly value: unknown
}) {
  const { label, name, value } = props
  return (
    <details className={classes.raw}>
      <summary>{label}</summary>
      <ScrollRegion
        className={classes.scroll}
        label={name ?? (typeof label === 'string' ? label : 'All fields')}
      >
        <pre>{JSON.stringify(value, null, 2)}</pre>
      </ScrollRegion>
    </details>
  )
}
