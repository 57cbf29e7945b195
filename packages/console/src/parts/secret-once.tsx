import { Button, CopyButton } from '@mantine/core'
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Dialog } from './dialog.tsx'
import classes from './secret-once.module.css'

/** Shows a secret that nobody can show again. It closes by its button alone. */
export function SecretOnce(props: {
  readonly title: string
  readonly children: ReactNode
  readonly secret: string
  /** The name of a text file that it can be kept in. */
  readonly fileName?: string
  readonly onClose: () => void
}) {
  const { title, children, secret, fileName, onClose } = props
  return (
    <Dialog title={title} opened firm onClose={onClose}>
      <p>{children}</p>
      <p className={classes.warning} role="alert">
        <strong>This will not be shown again.</strong> Put it where it is kept before you go on.
      </p>
      <pre className={classes.secret}>{secret}</pre>
      <div className={classes.acts}>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button
              size="sm"
              data-autofocus
              onClick={copy}
              leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        {fileName === undefined ? null : (
          <Button
            size="sm"
            onClick={() => download(fileName, secret)}
            leftSection={<IconDownload size={14} />}
          >
            Download as text
          </Button>
        )}
        <Button size="sm" variant="filled" className={classes.done} onClick={onClose}>
          I have kept it
        </Button>
      </div>
    </Dialog>
  )
}

/** Hands a text to the browser as a file. It never leaves the page otherwise. */
function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
