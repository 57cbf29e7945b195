import type { OperatingState } from '@quarterdeck/sdk/contract/state'
import { Ago } from '../../parts/ago.tsx'
import { appendCommand } from '../../parts/append-command.ts'
import { Empty } from '../../parts/empty.tsx'
import { duration } from '../../parts/format/duration.ts'
import { Section } from '../../parts/section.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Table } from '../../parts/table.tsx'

type Workers = OperatingState['actors']

/** Who claims to work on what. Null: that far back it is not kept. */
export function Workers(props: {
  readonly title: string
  readonly workers: Workers
  readonly nothing: string
}) {
  const { title, workers, nothing } = props
  if (workers === null) {
    return (
      <Section title={title}>
        <Empty title="Not kept that far back">Liveness is pruned after 48 h.</Empty>
      </Section>
    )
  }
  return (
    <Section title={title} count={workers.length}>
      {workers.length === 0 ? (
        <Empty title={nothing} command={title === 'Working now' ? claimCommand() : undefined} />
      ) : (
        <Table
          caption={title}
          rows={workers}
          keyOf={({ actor, subjectId }) => JSON.stringify([actor, subjectId])}
          columns={[
            { header: 'Actor', cell: ({ actor }) => actor },
            { header: 'On', cell: ({ subjectId }) => subjectId, grow: true },
            { header: 'Claim', cell: ({ state }) => <StatusChip status={state} /> },
            { header: 'Heard', cell: ({ at }) => <Ago time={at} /> },
            { header: 'Good for', cell: ({ ttlSeconds }) => duration(ttlSeconds * 1_000), wideOnly: true },
          ]}
        />
      )}
    </Section>
  )
}

function claimCommand(): string {
  return appendCommand({
    schema: 'console.liveness',
    version: '0.1',
    producer: { id: 'runner', product: 'flow' },
    subjectId: 'run-1',
    actor: 'builder',
    at: new Date().toISOString(),
    type: 'claim',
    ttlSeconds: 1_800,
  })
}
