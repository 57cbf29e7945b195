import { ActionIcon, Button, Popover } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDots } from '@tabler/icons-react'
import classes from './row-actions.module.css'

/** One thing that can be done with a row. */
export interface RowAction {
  readonly label: string
  readonly onClick: () => void
  /** Cannot be undone, or hurts somebody. */
  readonly danger?: boolean
}

/** What can be done with a row, behind three dots. */
export function RowActions(props: { readonly of: string; readonly actions: readonly RowAction[] }) {
  const { of, actions } = props
  const [open, menu] = useDisclosure(false)
  if (actions.length === 0) return null
  return (
    <Popover
      opened={open}
      onChange={(now) => !now && menu.close()}
      position="bottom-end"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <ActionIcon aria-label={`Actions for ${of}`} onClick={menu.toggle}>
          <IconDots size={16} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={classes.actions} aria-label={`Actions for ${of}`}>
        {actions.map(({ label, onClick, danger = false }) => (
          <Button
            key={label}
            variant="subtle"
            justify="start"
            fullWidth
            className={classes.action}
            data-danger={danger}
            onClick={() => {
              menu.close()
              onClick()
            }}
          >
            {label}
          </Button>
        ))}
      </Popover.Dropdown>
    </Popover>
  )
}
