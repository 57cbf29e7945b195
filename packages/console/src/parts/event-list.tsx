import type { Contract } from '@quarterdeck/sdk/contract'
import type { OutputOf } from '@quarterdeck/sdk/operation'
import { Ago } from './ago.tsx'
import classes from './event-list.module.css'
import { isObject, text } from './fields.ts'
import { RawFields } from './raw-fields.tsx'
import { StatusChip } from './status-chip.tsx'
import { TierBadge } from './tier-badge.tsx'

type StoredRecord = OutputOf<Contract['records']['get']>

/** The events of one object, newest first: what each said, who said it, and the record itself. */
export function EventList(props: { readonly events: readonly StoredRecord[]; readonly label: string }) {
  const events = props.events.toSorted((a, b) => b.position - a.position)
  return (
    <ol className={classes.list} aria-label={props.label}>
      {events.map((event) => (
        <EventItem key={event.position} event={event} />
      ))}
    </ol>
  )
}

function EventItem({ event }: { readonly event: StoredRecord }) {
  const { record } = event
  const payload = isObject(record.payload) ? record.payload : {}
  const after = isObject(payload.after) ? payload.after : {}
  const producer = isObject(record.producer) ? record.producer : {}
  const said = text(payload.summary) ?? text(payload.reason)
  const status = text(after.status)
  return (
    <li className={classes.item}>
      <div className="row wrap">
        <code className={classes.type}>{text(record.type) ?? text(record.schema)}</code>
        {status === undefined ? null : <StatusChip status={status} />}
        <span className={classes.meta}>
          <Ago time={text(record.occurredAt) ?? event.receivedAt} />
          <span>
            {text(producer.product)}/{text(producer.id)}
          </span>
          <TierBadge tier={event.tier} />
          <span className="mono">#{event.position}</span>
        </span>
      </div>
      {said === undefined ? null : <p className={classes.said}>{said}</p>}
      <RawFields label="Record" name={`Record #${event.position}`} value={record} />
    </li>
  )
}
