import { Button } from '@mantine/core'
import type { RecordSummary } from '@quarterdeck/sdk/contract/state'
import { useState } from 'react'
import { brief, instant } from './format/instant.ts'
import classes from './record-list.module.css'
import { SubjectLink } from './subject-link.tsx'
import { TierBadge } from './tier-badge.tsx'
import { useNow } from './use-now.ts'

const first = 20

/** Records in one line each, newest first. */
export function RecordList(props: { readonly records: readonly RecordSummary[]; readonly label: string }) {
  const { records, label } = props
  const [all, setAll] = useState(false)
  return (
    <>
      <ol className={classes.list} aria-label={label}>
        {(all ? records : records.slice(0, first)).map((record) => (
          <Item key={record.position} record={record} />
        ))}
      </ol>
      {all || records.length <= first ? null : (
        <div className={classes.more}>
          <Button onClick={() => setAll(true)}>Show all {records.length}</Button>
        </div>
      )}
    </>
  )
}

function Item({ record }: { readonly record: RecordSummary }) {
  const { occurredAt, type, subject, summary, id, product, producer, tier, position } = record
  const now = useNow()
  return (
    <li className={classes.item}>
      <time className={classes.time} dateTime={occurredAt} title={instant(occurredAt)}>
        {brief(occurredAt, now)}
      </time>
      <code className={classes.type}>{type}</code>
      <span className={classes.text}>
        {subject === null ? <span className="muted">{id}</span> : <SubjectLink subject={subject} />}
        {summary === undefined ? null : <span className={classes.summary}>{summary}</span>}
      </span>
      <span className={classes.who}>
        {product}/{producer}
      </span>
      <span className={classes.tier}>
        <TierBadge tier={tier} />
      </span>
      <span className={classes.position} title="Position in the log">
        #{position}
      </span>
    </li>
  )
}
