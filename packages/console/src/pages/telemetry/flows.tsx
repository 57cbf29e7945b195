import type { TelemetryAnswer } from '@quarterdeck/sdk/contract/telemetry-query'
import { Ago } from '../../parts/ago.tsx'
import { text } from '../../parts/fields.ts'
import { number } from '../../parts/format/number.ts'
import { Section } from '../../parts/section.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Table } from '../../parts/table.tsx'
import classes from './telemetry.module.css'

/** The flows that descriptors define, each with its newest items. Without a descriptor there is nothing to show. */
export function Flows(props: { readonly flows: TelemetryAnswer['flows'] }) {
  const flows = props.flows.filter(({ items }) => items.length > 0)
  if (flows.length === 0) return null
  return (
    <Section title="Flows" count={flows.length}>
      {flows.map((flow) => (
        <div key={flow.id} className={classes.flow}>
          <h3>
            {flow.label} <span className="muted">{number(flow.total)}</span>
          </h3>
          <Table
            caption={flow.label}
            rows={flow.items}
            keyOf={({ slug }) => slug}
            columns={[
              { header: 'Item', cell: ({ title }) => title, grow: true },
              {
                header: 'Status',
                cell: ({ status }) => (status === null ? '–' : <StatusChip status={status} />),
              },
              { header: 'Details', cell: ({ details }) => <Details details={details} />, wideOnly: true },
              { header: 'Updated', cell: ({ updatedAt }) => <Ago time={updatedAt} /> },
            ]}
          />
        </div>
      ))}
    </Section>
  )
}

function Details(props: { readonly details: Readonly<Record<string, unknown>> }) {
  return Object.entries(props.details)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([label, value]) => `${label}: ${text(value) ?? JSON.stringify(value)}`)
    .join(' · ')
}
