import type { OperatingState, StateObject } from '@quarterdeck/sdk/contract/state'
import { Fault } from '@quarterdeck/sdk/errors'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { appendCommand } from '../../parts/append-command.ts'
import { CutNote } from '../../parts/cut-note.tsx'
import { Empty } from '../../parts/empty.tsx'
import { EventList } from '../../parts/event-list.tsx'
import { exampleEvent } from '../../parts/example-event.ts'
import { refersTo, refsOf } from '../../parts/fields.ts'
import { Loading } from '../../parts/loading.tsx'
import { objectQuery } from '../../parts/object-query.ts'
import { ObjectSummary } from '../../parts/object-summary.tsx'
import { ObjectTable } from '../../parts/object-table.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Section } from '../../parts/section.tsx'
import { StatePage } from '../../parts/state-page.tsx'
import { RunCost } from './run-cost.tsx'

const route = getRouteApi('/shell/run/$product/$id')

/** One process from its start to now, or to any position before. */
export function Run() {
  const { product, id } = route.useParams()
  const { at } = route.useSearch()
  return (
    <StatePage
      title={id}
      at={at}
      above={
        <>
          <Link to="/board">Board</Link> / {product}
        </>
      }
    >
      {(state) => <RunAt state={state} product={product} id={id} at={at} />}
    </StatePage>
  )
}

function RunAt(props: { state: OperatingState; product: string; id: string; at: string | undefined }) {
  const { state, product, id, at } = props
  const listed = state.processes.find((process) => process.product === product && process.id === id)
  const { data, error, refetch } = useQuery(
    objectQuery('processes', product, id, at, listed?.provenance.position),
  )
  const process = data?.object ?? listed
  if (error instanceof Fault && error.code === 'not_found') {
    return (
      <Section title="Run">
        <Empty title="No such run at this position" command={startCommand(id)}>
          It may begin later, or its producer has not said anything about it yet.
        </Empty>
      </Section>
    )
  }
  if (process === undefined)
    return error === null ? <Loading what="the run" /> : <Problem error={error} retry={refetch} />
  const gates = state.gates.filter((gate) => refersTo(gate, 'process', product, id))
  const related = (objects: readonly StateObject[]) =>
    objects.filter((object) => belongs(object, product, id, gates))
  const evidence = related(state.evidence)
  const decisions = related(state.decisions)
  return (
    <>
      <ObjectSummary object={process} />
      <CutNote state={state} arrays={['gates', 'evidence', 'decisions']} />
      <div className="grid-2">
        <div className="stack">
          <Section title="Gates" count={gates.length}>
            {gates.length === 0 ? (
              <Empty title="No gate names this run" command={gateCommand(product, id)} />
            ) : (
              <ObjectTable caption="Gates of this run" kind="gates" objects={gates} />
            )}
          </Section>
          <Section title="Evidence" count={evidence.length}>
            {evidence.length === 0 ? (
              <Empty title="Nothing points at this run or its gates" command={evidenceCommand(product, id)} />
            ) : (
              <ObjectTable caption="Evidence of this run" kind="evidence" objects={evidence} />
            )}
          </Section>
          <Section title="Decisions" count={decisions.length}>
            {decisions.length === 0 ? (
              <Empty title="Nobody recorded a decision about this run" />
            ) : (
              <ObjectTable caption="Decisions about this run" kind="decisions" objects={decisions} />
            )}
          </Section>
          <RunCost id={id} position={state.position} />
        </div>
        <Section title="Events" count={data?.events.length} note="the newest 100">
          {data !== undefined ? (
            <EventList events={data.events} label="Events of this run" />
          ) : error === null ? (
            <Loading what="events" />
          ) : (
            <Problem error={error} retry={refetch} />
          )}
        </Section>
      </div>
    </>
  )
}

/** Whether an object points at the run, or at one of its gates. */
function belongs(object: StateObject, product: string, id: string, gates: readonly StateObject[]): boolean {
  return refsOf(object).some(
    (ref) =>
      (ref.kind === 'process' && ref.product === product && ref.id === id) ||
      (ref.kind === 'gate' && gates.some((gate) => gate.product === ref.product && gate.id === ref.id)),
  )
}

const startCommand = (id: string) => appendCommand(exampleEvent('process.started', { kind: 'process', id }))

const gateCommand = (product: string, id: string) =>
  appendCommand(
    exampleEvent(
      'gate.opened',
      { kind: 'gate', id: `${id}/tests` },
      { processRef: { product, kind: 'process', id } },
    ),
  )

const evidenceCommand = (product: string, id: string) =>
  appendCommand(
    exampleEvent(
      'evidence.attached',
      { kind: 'evidence', id: `${id}/report` },
      { producerRef: { product: 'claims', kind: 'producer', id: 'trust' } },
      { refs: [{ product, kind: 'process', id }] },
    ),
  )
