import type { SessionItem } from '@quarterdeck/sdk/contract/identity'
import type { ReactNode } from 'react'
import { Ago } from '../../parts/ago.tsx'
import { words } from '../../parts/format/words.ts'
import { Moment } from '../../parts/moment.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Table } from '../../parts/table.tsx'
import { browserOf } from './browser-of.ts'
import classes from './identity.module.css'

/** Open sessions: with which program, how they were opened, and until when they last. */
export function SessionTable(props: {
  readonly caption: string
  readonly sessions: readonly SessionItem[]
  /** What can be done with one. */
  readonly act?: (session: SessionItem) => ReactNode
}) {
  const { caption, sessions, act } = props
  return (
    <Table
      caption={caption}
      rows={sessions}
      keyOf={({ id }) => id}
      columns={[
        { header: 'Where', grow: true, cell: Where },
        { header: 'Seen', cell: ({ lastSeenAt }) => <Ago time={lastSeenAt} /> },
        { header: 'Opened', cell: ({ createdAt }) => <Moment time={createdAt} />, wideOnly: true },
        { header: 'Ends', cell: ({ endsAt }) => <Moment time={endsAt} />, wideOnly: true },
        ...(act === undefined ? [] : [{ header: 'End', cell: act }]),
      ]}
    />
  )
}

function Where({ client, amr, tenant, current }: SessionItem) {
  return (
    <>
      <div className={classes.name} title={client}>
        {browserOf(client)} {current ? <StatusChip status="this one" tone="good" /> : null}
      </div>
      <div className={classes.aside}>
        {tenant} · by {amr.map(words).join(' and ')}
      </div>
    </>
  )
}
