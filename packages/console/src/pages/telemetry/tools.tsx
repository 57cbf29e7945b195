import type { TelemetryAnswer } from '@quarterdeck/sdk/contract/telemetry-query'
import { Empty } from '../../parts/empty.tsx'
import { duration } from '../../parts/format/duration.ts'
import { none, number, percent } from '../../parts/format/number.ts'
import { Section } from '../../parts/section.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Table } from '../../parts/table.tsx'

const time = (value: number | null) => (value === null ? none : duration(value))

/** Each tool with its outcomes and how long it took. Ambiguous outcomes are no part of the failure rate. */
export function Tools(props: { readonly tools: TelemetryAnswer['tools'] }) {
  const { tools } = props
  return (
    <Section title="Tools" count={tools.length}>
      {tools.length === 0 ? (
        <Empty title="No record of this window names a tool" />
      ) : (
        <Table
          caption="Tools"
          rows={tools}
          keyOf={({ tool }) => tool}
          columns={[
            { header: 'Tool', cell: ({ tool }) => <code>{tool}</code>, grow: true },
            { header: 'Calls', numeric: true, cell: ({ count }) => number(count) },
            { header: 'Pass', numeric: true, cell: ({ pass }) => number(pass), wideOnly: true },
            { header: 'Fail', numeric: true, cell: ({ fail }) => number(fail), wideOnly: true },
            {
              header: 'Ambiguous',
              numeric: true,
              cell: ({ ambiguous }) => number(ambiguous),
              wideOnly: true,
            },
            {
              header: 'Failure rate',
              numeric: true,
              cell: ({ failureRate }) =>
                failureRate !== null && failureRate >= 0.1 ? (
                  <StatusChip status={percent(failureRate)} tone="bad" />
                ) : (
                  percent(failureRate)
                ),
            },
            { header: 'p50', numeric: true, cell: ({ p50Ms }) => time(p50Ms), wideOnly: true },
            { header: 'p95', numeric: true, cell: ({ p95Ms }) => time(p95Ms) },
          ]}
        />
      )}
    </Section>
  )
}
