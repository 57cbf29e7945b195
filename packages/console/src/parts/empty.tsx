import type { ReactNode } from 'react'
import { Command } from './command.tsx'
import classes from './empty.module.css'

/** Says that there is nothing, why that may be, and the command that would fill it. */
export function Empty(props: {
  readonly title: string
  readonly children?: ReactNode
  readonly command?: string | undefined
}) {
  return (
    <div className={classes.empty}>
      <p className={classes.title}>{props.title}</p>
      {props.children === undefined ? null : <p className={classes.text}>{props.children}</p>}
      {props.command === undefined ? null : (
        <Command text={props.command} label={`Command for: ${props.title}`} />
      )}
    </div>
  )
}
