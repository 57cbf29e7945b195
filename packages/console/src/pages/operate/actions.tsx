import { Button, CopyButton } from '@mantine/core'
import type { StateObject } from '@quarterdeck/sdk/contract/state'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { appendCommand } from '../../parts/append-command.ts'
import { Empty } from '../../parts/empty.tsx'
import { exampleEvent } from '../../parts/example-event.ts'
import { text } from '../../parts/fields.ts'
import { ObjectTable } from '../../parts/object-table.tsx'
import { Section } from '../../parts/section.tsx'

/** What producers propose to do. It can be copied and taken elsewhere; nothing here runs it. */
export function Actions(props: { readonly actions: readonly StateObject[]; readonly any: boolean }) {
  const { actions, any } = props
  return (
    <Section title="Actions" count={actions.length} note="to copy; nothing here runs them">
      {actions.length > 0 ? (
        <ObjectTable
          caption="Actions"
          kind="actions"
          objects={actions}
          more={[
            { header: 'Authority', cell: ({ authority }) => text(authority) ?? '–', wideOnly: true },
            { header: 'Copy', cell: (action) => <Copy text={textOf(action)} what={action.id} /> },
          ]}
        />
      ) : any ? (
        <Empty title="None matches the filter" />
      ) : (
        <Empty title="No action is proposed" command={requestCommand()} />
      )}
    </Section>
  )
}

function Copy(props: { readonly text: string; readonly what: string }) {
  return (
    <CopyButton value={props.text}>
      {({ copied, copy }) => (
        <Button
          onClick={copy}
          leftSection={copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
          aria-label={`Copy ${props.what}`}
          title={props.text}
        >
          {copied ? 'Copied' : 'Copy'}
        </Button>
      )}
    </CopyButton>
  )
}

/** The command that the action names, else all it says. */
function textOf(action: StateObject): string {
  return text(action.command) ?? JSON.stringify(action, null, 2)
}

function requestCommand(): string {
  return appendCommand(
    exampleEvent(
      'action.requested',
      { kind: 'action', id: 'rerun-tests' },
      { kind: 'command', authority: 'operator', command: 'npm test', title: 'Run the tests again' },
    ),
  )
}
