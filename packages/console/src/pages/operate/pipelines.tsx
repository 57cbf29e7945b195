import type { StateObject } from '@quarterdeck/sdk/contract/state'
import { appendCommand } from '../../parts/append-command.ts'
import { Empty } from '../../parts/empty.tsx'
import { exampleEvent } from '../../parts/example-event.ts'
import { isObject, text, titleOf } from '../../parts/fields.ts'
import { RawFields } from '../../parts/raw-fields.tsx'
import { Section } from '../../parts/section.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { TierBadge } from '../../parts/tier-badge.tsx'
import classes from './operate.module.css'

/** The newest picture that each run gave of its own steps. */
export function Pipelines(props: { readonly pipelines: readonly StateObject[] }) {
  const { pipelines } = props
  return (
    <Section title="Pipelines" count={pipelines.length}>
      {pipelines.length === 0 ? (
        <Empty title="No run has drawn its pipeline" command={snapshotCommand()} />
      ) : (
        pipelines.map((pipeline) => (
          <Pipeline key={`${pipeline.product}/${pipeline.id}`} pipeline={pipeline} />
        ))
      )}
    </Section>
  )
}

function Pipeline({ pipeline }: { readonly pipeline: StateObject }) {
  const steps = stepsOf(pipeline)
  return (
    <div className={classes.pipeline}>
      <div className="row wrap">
        <strong className="break">{titleOf(pipeline)}</strong>
        {pipeline.status === undefined ? null : <StatusChip status={pipeline.status} />}
        <TierBadge tier={pipeline.provenance.tier} />
        <span className="muted">
          {pipeline.provenance.producer.product}/{pipeline.provenance.producer.id}
        </span>
      </div>
      {steps.length === 0 ? null : (
        <ol className={classes.steps}>
          {steps.map(({ key, name, status }) => (
            <li key={key} className={classes.step}>
              <span>{name}</span>
              {status === undefined ? null : <StatusChip status={status} />}
            </li>
          ))}
        </ol>
      )}
      <RawFields label="All fields" name={`All fields of pipeline ${pipeline.id}`} value={pipeline} />
    </div>
  )
}

/** Producers name their steps differently; the first list found under a usual name is taken. */
function stepsOf(pipeline: StateObject) {
  const list = [pipeline.stages, pipeline.steps, pipeline.nodes].find(Array.isArray) ?? []
  return list.filter(isObject).map((step: Readonly<Record<string, unknown>>, index: number) => ({
    key: `${index}:${text(step.id)}`,
    name: text(step.label) ?? text(step.name) ?? text(step.id) ?? `step ${index + 1}`,
    status: text(step.status),
  }))
}

function snapshotCommand(): string {
  const stages = [
    { id: 'build', status: 'completed' },
    { id: 'tests', status: 'running' },
    { id: 'review', status: 'not_started' },
  ]
  return appendCommand(exampleEvent('flow.pipeline.snapshot', { kind: 'pipeline', id: 'run-1' }, { stages }))
}
