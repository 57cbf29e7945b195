import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './dialog.module.css'

/** What must be settled before the page goes on: closed by its cross, by Escape, or by a click beside it. */
export function Dialog(props: {
  readonly title: string
  readonly opened: boolean
  readonly onClose: () => void
  /** Under way, or shown once: it closes by its own buttons alone. */
  readonly firm?: boolean
  readonly wide?: boolean
  readonly children: ReactNode
}) {
  const { title, opened, onClose, firm = false, wide = false, children } = props
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      closeOnEscape={!firm}
      closeOnClickOutside={!firm}
      size={wide ? 640 : 460}
      padding={0}
      yOffset="6dvh"
      xOffset="12px"
    >
      <Modal.Overlay />
      <Modal.Content className={classes.content}>
        {/* Not the library's: its header is a second banner to those who go by landmarks. */}
        <div className={classes.header}>
          <Modal.Title className={classes.title}>{title}</Modal.Title>
          {firm ? null : <Modal.CloseButton aria-label="Close" />}
        </div>
        <Modal.Body className={classes.body}>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}
