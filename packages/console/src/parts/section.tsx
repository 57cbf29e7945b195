import { type ReactNode, useId } from 'react'
import { number } from './format/number.ts'
import classes from './section.module.css'

/** A titled part of a page on its own surface. */
export function Section(props: {
  readonly title: string
  readonly count?: number | undefined
  readonly note?: ReactNode
  readonly tools?: ReactNode
  readonly children: ReactNode
}) {
  const id = useId()
  return (
    <section className={classes.section} aria-labelledby={id}>
      <header className={classes.header}>
        <h2 id={id}>{props.title}</h2>
        {props.count === undefined ? null : <span className={classes.count}>{number(props.count)}</span>}
        {props.note === undefined ? null : <span className={classes.note}>{props.note}</span>}
        <span className={classes.tools}>{props.tools}</span>
      </header>
      {props.children}
    </section>
  )
}
