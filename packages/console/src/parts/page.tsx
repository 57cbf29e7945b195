import { type ReactNode, useEffect } from 'react'
import classes from './page.module.css'

/** The frame of every page: its title (the tab's too), what stands beside it, and below it its content. */
export function Page(props: {
  readonly title: string
  readonly above?: ReactNode
  readonly note?: ReactNode
  readonly tools?: ReactNode
  readonly children: ReactNode
}) {
  useEffect(() => {
    document.title = `${props.title} · Quarterdeck`
  }, [props.title])
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <div className={classes.title}>
          {props.above === undefined ? null : <div className={classes.above}>{props.above}</div>}
          <h1 className="break">{props.title}</h1>
          {props.note === undefined ? null : <p className={classes.note}>{props.note}</p>}
        </div>
        <div className={classes.tools}>{props.tools}</div>
      </header>
      {props.children}
    </div>
  )
}
