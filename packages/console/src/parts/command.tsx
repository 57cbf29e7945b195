import { ActionIcon, CopyButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import classes from './command.module.css'
import { ScrollRegion } from './scroll-region.tsx'

/** Text to be copied into a terminal. Nothing here ever runs it. */
export function Command(props: { readonly text: string; readonly label?: string }) {
  return (
    <div className={classes.command}>
      <ScrollRegion className={classes.scroll} label={props.label ?? 'Command'}>
        <pre className={classes.text}>{props.text}</pre>
      </ScrollRegion>
      <CopyButton value={props.text}>
        {({ copied, copy }) => (
          <ActionIcon className={classes.copy} onClick={copy} aria-label={copied ? 'Copied' : 'Copy'}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  )
}
