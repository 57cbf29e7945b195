import type { StateObject } from '@quarterdeck/sdk/contract/state'
import { refOf, text, titleOf } from './fields.ts'
import classes from './object-table.module.css'
import { RawFields } from './raw-fields.tsx'
import { SafeLink } from './safe-link.tsx'
import { StatusChip } from './status-chip.tsx'
import { ObjectLink } from './subject-link.tsx'
import { type Column, Table } from './table.tsx'
import { TierBadge } from './tier-badge.tsx'

/** Objects of any array: what and in which status, about what, said by whom, and all else folded away. */
export function ObjectTable(props: {
  readonly caption: string
  readonly kind: string
  readonly objects: readonly StateObject[]
  readonly more?: readonly Column<StateObject>[]
}) {
  const { caption, kind, objects, more = [] } = props
  const status: Column<StateObject> = {
    header: 'Status',
    cell: (object) => <StatusChip status={statusOf(object)} />,
  }
  return (
    <Table
      caption={caption}
      rows={objects}
      keyOf={({ product, id }) => JSON.stringify([product, id])}
      columns={[
        { header: 'What', grow: true, cell: (object) => <What kind={kind} object={object} /> },
        // Decisions and learnings have none.
        ...(objects.some((object) => statusOf(object) !== undefined) ? [status] : []),
        ...more,
        { header: 'Said by', cell: saidBy, wideOnly: true },
        { header: 'Tier', cell: ({ provenance }) => <TierBadge tier={provenance.tier} /> },
      ]}
    />
  )
}

/** An inquiry has an outcome in the place of a status. */
function statusOf(object: StateObject): string | undefined {
  return object.status ?? text(object.outcome)
}

function What(props: { readonly kind: string; readonly object: StateObject }) {
  const { kind, object } = props
  const { product, id } = object
  const title = titleOf(object)
  const reason = text(object.reason)
  const about = refOf(object.subjectRef) ?? refOf(object.processRef)
  return (
    <>
      <span className={classes.title}>
        <ObjectLink kind={kind} product={product} id={id} label={title} />
      </span>
      {text(object.url) === undefined ? null : (
        <span className={classes.aside}>
          <SafeLink url={object.url}>{text(object.url)}</SafeLink>
        </span>
      )}
      {about === undefined ? null : (
        <span className={classes.aside}>
          about <ObjectLink {...about} />
        </span>
      )}
      {reason === undefined ? null : <div className={classes.reason}>{reason}</div>}
      <RawFields label={<code>{id}</code>} name={`All fields of ${kind} ${product} ${id}`} value={object} />
    </>
  )
}

function saidBy({ product, provenance }: StateObject) {
  const { producer, from, position } = provenance
  return (
    <span className="nowrap">
      {producer.product}/{producer.id}{' '}
      <span className="muted">
        {from === 'event' ? `#${position}` : from}
        {producer.product === product ? '' : ` on ${product}`}
      </span>
    </span>
  )
}
