import { Button, SegmentedControl } from '@mantine/core'
import type { TelemetryAnswer } from '@quarterdeck/sdk/contract/telemetry-query'
import { Link } from '@tanstack/react-router'
import { isObject, text } from '../../parts/fields.ts'
import { duration } from '../../parts/format/duration.ts'
import { brief, instant } from '../../parts/format/instant.ts'
import { none, number } from '../../parts/format/number.ts'
import { RawFields } from '../../parts/raw-fields.tsx'
import { Section } from '../../parts/section.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Table } from '../../parts/table.tsx'
import { useNow } from '../../parts/use-now.ts'
import classes from './telemetry.module.css'
import { useTelemetrySearch } from './use-telemetry-search.ts'

type Stored = TelemetryAnswer['records'][number]

/** The records themselves, a page at a time. */
export function Records(props: {
  readonly records: readonly Stored[]
  readonly total: number
  readonly more: (() => unknown) | undefined
  readonly loading: boolean
}) {
  const { records, total, more, loading } = props
  const [{ sort = 'desc' }, change] = useTelemetrySearch()
  const now = useNow()
  return (
    <Section
      title="Records"
      count={total}
      tools={
        <SegmentedControl
          aria-label="Order"
          data={[
            { value: 'desc', label: 'Newest first' },
            { value: 'asc', label: 'Oldest first' },
          ]}
          value={sort}
          onChange={(chosen) => change({ sort: chosen === 'asc' ? 'asc' : undefined })}
        />
      }
    >
      <Table
        caption="Telemetry records"
        rows={records}
        keyOf={({ position }) => String(position)}
        columns={[
          {
            header: 'Time',
            cell: ({ occurredAt }) => (
              <time className="nowrap" dateTime={occurredAt} title={instant(occurredAt)}>
                {brief(occurredAt, now)}
              </time>
            ),
          },
          { header: 'Type', cell: What, grow: true },
          { header: 'Session', cell: Session, wideOnly: true },
          { header: 'Outcome', cell: Outcome },
          { header: 'Duration', numeric: true, cell: ({ record }) => took(record), wideOnly: true },
          { header: 'Trace', cell: Trace, wideOnly: true },
        ]}
      />
      {more === undefined ? null : (
        <div className={`${classes.more} row`}>
          <Button loading={loading} onClick={() => more()}>
            Show more
          </Button>
          <span className="muted">
            {number(records.length)} of {number(total)}
          </span>
        </div>
      )}
    </Section>
  )
}

function What({ record, position }: Stored) {
  const tool = isObject(record.tool) ? text(record.tool.name) : undefined
  const agent = isObject(record.agent) ? text(record.agent.name) : undefined
  return (
    <RawFields
      name={`Record #${position}`}
      label={
        <>
          <code>{text(record.event_type)}</code> {tool} <span className="muted">{agent}</span>
        </>
      }
      value={record}
    />
  )
}

/** Long ids are cut; the record itself holds them whole. */
function Session({ record }: Stored) {
  const id = text(record.session_id) ?? none
  return (
    <code className="nowrap" title={id}>
      {id.length > 16 ? `${id.slice(0, 15)}…` : id}
    </code>
  )
}

function Outcome({ record }: Stored) {
  const outcome = text(record.outcome) ?? (isObject(record.tool) ? text(record.tool.outcome) : undefined)
  return outcome === undefined ? <span className="muted">{none}</span> : <StatusChip status={outcome} />
}

function Trace({ record }: Stored) {
  const id = text(record.trace_id)
  if (id === undefined || !/^[0-9a-f]{32}$/i.test(id)) return <span className="muted">{none}</span>
  return (
    <Link to="/telemetry/trace/$id" params={{ id }} className="mono">
      {id.slice(0, 8)}
    </Link>
  )
}

function took(record: Stored['record']): string {
  const ms = record.duration_ms ?? (isObject(record.tool) ? record.tool.duration_ms : undefined)
  return typeof ms === 'number' ? duration(ms) : none
}
