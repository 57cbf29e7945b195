import type { StateObject } from '@quarterdeck/sdk/contract/state'
import { Facts } from './facts.tsx'
import { refOf, text, titleOf } from './fields.ts'
import classes from './object-summary.module.css'
import { RawFields } from './raw-fields.tsx'
import { Section } from './section.tsx'
import { StatusChip } from './status-chip.tsx'
import { ObjectLink } from './subject-link.tsx'
import { TierBadge } from './tier-badge.tsx'

const sources = { event: 'an event', projection: 'a projection', both: 'events and a projection' }

/** What is known of one object at a glance, and on whose word. */
export function ObjectSummary(props: { readonly object: StateObject }) {
  const { object } = props
  const { producer, from, position, tier } = object.provenance
  const process = refOf(object.processRef)
  return (
    <Section title={titleOf(object)}>
      <Facts
        facts={{
          Status: <StatusChip status={object.status} />,
          Reason: text(object.reason),
          Stage: text(object.stage)?.replaceAll('_', ' '),
          Run: process === undefined ? undefined : <ObjectLink {...process} />,
          'Said by': `${producer.product}/${producer.id}`,
          Tier: <TierBadge tier={tier} />,
          'Known from': `${sources[from]}, position ${position}`,
        }}
      />
      <div className={classes.raw}>
        <RawFields label="All fields" name={`All fields of ${object.id} itself`} value={object} />
      </div>
    </Section>
  )
}
