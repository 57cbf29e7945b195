import { Button, type ButtonProps, Tooltip } from '@mantine/core'
import { type ReactNode, useId } from 'react'

/** A button that says why it cannot be pressed, to everybody: it stays within reach of the keyboard. */
export function ReasonedButton(
  props: ButtonProps & {
    /** Why not; undefined: it can. */
    readonly reason: string | undefined
    readonly onClick: () => void
    readonly children: ReactNode
  },
) {
  const { reason, onClick, children, ...more } = props
  const id = useId()
  if (reason === undefined) {
    return (
      <Button {...more} onClick={onClick}>
        {children}
      </Button>
    )
  }
  return (
    <>
      <Tooltip label={reason}>
        <Button
          {...more}
          data-disabled
          aria-disabled
          aria-describedby={id}
          onClick={(event) => event.preventDefault()}
        >
          {children}
        </Button>
      </Tooltip>
      <span id={id} className="visually-hidden">
        {reason}
      </span>
    </>
  )
}
