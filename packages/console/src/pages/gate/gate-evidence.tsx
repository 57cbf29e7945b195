import type { StateObject } from '@quarterdeck/sdk/contract/state'
import { appendCommand } from '../../parts/append-command.ts'
import { Empty } from '../../parts/empty.tsx'
import { exampleEvent } from '../../parts/example-event.ts'
import { refOf } from '../../parts/fields.ts'
import { ObjectTable } from '../../parts/object-table.tsx'
import { Section } from '../../parts/section.tsx'
import { ObjectLink } from '../../parts/subject-link.tsx'
import type { Column } from '../../parts/table.tsx'

const from: Column<StateObject> = {
  header: 'From',
  cell({ producerRef }) {
    const ref = refOf(producerRef)
    return ref === undefined ? (
      <span className="muted">not said</span>
    ) : (
      <ObjectLink {...ref} label={ref.label ?? `${ref.product}/${ref.id}`} />
    )
  },
}

/** What a gate stands on, and what it still wants and who is to bring it. */
export function GateEvidence(props: {
  readonly evidence: readonly StateObject[]
  readonly gate: { readonly product: string; readonly id: string }
}) {
  const present = props.evidence.filter(({ status }) => status === 'available')
  const missing = props.evidence.filter(({ status }) => status !== 'available')
  return (
    <>
      <Section title="Evidence missing" count={missing.length}>
        {missing.length === 0 ? (
          <Empty title="Nothing is said to be missing" />
        ) : (
          <ObjectTable caption="Missing evidence" kind="evidence" objects={missing} more={[from]} />
        )}
      </Section>
      <Section title="Evidence present" count={present.length}>
        {present.length === 0 ? (
          <Empty title="Nothing has been attached to this gate" command={attachCommand(props.gate)} />
        ) : (
          <ObjectTable caption="Present evidence" kind="evidence" objects={present} more={[from]} />
        )}
      </Section>
    </>
  )
}

function attachCommand(gate: { readonly product: string; readonly id: string }): string {
  return appendCommand(
    exampleEvent(
      'evidence.attached',
      { kind: 'evidence', id: `${gate.id}/report` },
      { producerRef: { product: 'claims', kind: 'producer', id: 'trust' } },
      { refs: [{ ...gate, kind: 'gate' }] },
    ),
  )
}
