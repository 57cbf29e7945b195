import type { ReactNode } from 'react'
import classes from './raw-fields.module.css'
import { ScrollRegion } from './scroll-region.tsx'

/** Everything a record or object holds, as text, folded away under its label. */
export function RawFields(props: {
  readonly label: ReactNode
  /** Names the text to those who do not see it, apart from all others of the page. */
  readonly name: string
  readonly value: unknown
}) {
  const { label, name, value } = props
  return (
    <details className={classes.raw}>
      <summary>{label}</summary>
      <ScrollRegion className={classes.scroll} label={name}>
        <pre>{JSON.stringify(value, null, 2)}</pre>
      </ScrollRegion>
    </details>
  )
}
