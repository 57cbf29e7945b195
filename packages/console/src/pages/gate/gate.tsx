import type { OperatingState, StateObject } from '@quarterdeck/sdk/contract/state'
import { Fault } from '@quarterdeck/sdk/errors'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { appendCommand } from '../../parts/append-command.ts'
import { CutNote } from '../../parts/cut-note.tsx'
import { Empty } from '../../parts/empty.tsx'
import { EventList } from '../../parts/event-list.tsx'
import { exampleEvent } from '../../parts/example-event.ts'
import { refersTo } from '../../parts/fields.ts'
import { Loading } from '../../parts/loading.tsx'
import { objectQuery } from '../../parts/object-query.ts'
import { ObjectSummary } from '../../parts/object-summary.tsx'
import { ObjectTable } from '../../parts/object-table.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Section } from '../../parts/section.tsx'
import { StatePage } from '../../parts/state-page.tsx'
import { GateEvidence } from './gate-evidence.tsx'

const route = getRouteApi('/shell/gate/$product/$id')

/** One gate: what it stands on, what is missing and from whom, and how it came to its status. */
export function Gate() {
  const { product, id } = route.useParams()
  const { at } = route.useSearch()
  return (
    <StatePage
      title={id}
      at={at}
      above={
        <>
          <Link to="/operate">Operate</Link> / gate of {product}
        </>
      }
    >
      {(state) => <GateAt state={state} product={product} id={id} at={at} />}
    </StatePage>
  )
}

function GateAt(props: { state: OperatingState; product: string; id: string; at: string | undefined }) {
  const { state, product, id, at } = props
  const listed = state.gates.find((gate) => gate.product === product && gate.id === id)
  const { data, error, refetch } = useQuery(
    objectQuery('gates', product, id, at, listed?.provenance.position),
  )
  // Of the two the list knows what time alone changes: an exception that has run out.
  const gate = listed ?? data?.object
  if (error instanceof Fault && error.code === 'not_found') {
    return (
      <Section title="Gate">
        <Empty
          title="No such gate at this position"
          command={appendCommand(
            exampleEvent(
              'gate.opened',
              { kind: 'gate', id },
              { processRef: { product, kind: 'process', id: 'run-1' } },
            ),
          )}
        >
          It may be opened later, or its producer has not said anything about it yet.
        </Empty>
      </Section>
    )
  }
  if (gate === undefined)
    return error === null ? <Loading what="the gate" /> : <Problem error={error} retry={refetch} />
  const concerns = (object: StateObject) =>
    refersTo(object, 'gate', product, id) ||
    refersTo(gate, singular(object, state), object.product, object.id)
  const claims = state.claims.filter(concerns)
  const exceptions = state.exceptions.filter(concerns)
  return (
    <>
      <ObjectSummary object={gate} />
      <CutNote state={state} arrays={['evidence', 'claims', 'exceptions']} />
      <div className="grid-2">
        <div className="stack">
          <GateEvidence evidence={state.evidence.filter(concerns)} gate={{ product, id }} />
          <Section title="Claims" count={claims.length}>
            {claims.length === 0 ? (
              <Empty title="No claim points at this gate" />
            ) : (
              <ObjectTable caption="Claims of this gate" kind="claims" objects={claims} />
            )}
          </Section>
          <Section title="Exceptions" count={exceptions.length}>
            {exceptions.length === 0 ? (
              <Empty title="Nobody asked for an exception" />
            ) : (
              <ObjectTable caption="Exceptions of this gate" kind="exceptions" objects={exceptions} />
            )}
          </Section>
        </div>
        <Section title="History" count={data?.events.length} note="the newest 100 events">
          {data !== undefined ? (
            <EventList events={data.events} label="Events of this gate" />
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

/** The kind by which a reference would name this object. */
function singular(object: StateObject, state: OperatingState): string {
  if (state.claims.includes(object)) return 'claim'
  return state.exceptions.includes(object) ? 'exception' : 'evidence'
}
