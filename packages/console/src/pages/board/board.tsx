import type { OperatingState, StateObject } from '@quarterdeck/sdk/contract/state'
import { getRouteApi } from '@tanstack/react-router'
import { appendCommand } from '../../parts/append-command.ts'
import { CutNote } from '../../parts/cut-note.tsx'
import { Empty } from '../../parts/empty.tsx'
import { exampleEvent } from '../../parts/example-event.ts'
import { refOf, text, titleOf } from '../../parts/fields.ts'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Section } from '../../parts/section.tsx'
import { StatePage } from '../../parts/state-page.tsx'
import classes from './board.module.css'
import { BoardColumn } from './board-column.tsx'
import { type Stage, stageOf, stages } from './stage-of.ts'

const route = getRouteApi('/shell/board')

/** All processes by how far they are. */
export function Board() {
  const { at, product, q } = route.useSearch()
  return (
    <StatePage
      title="Board"
      at={at}
      note="Processes by stage: the one they name, else the one of their status."
    >
      {(state) => <Columns state={state} product={product} q={q} />}
    </StatePage>
  )
}

function Columns(props: { state: OperatingState; product: string | undefined; q: string | undefined }) {
  const { state, product, q } = props
  const products = [...new Set(state.processes.map((process) => process.product))].toSorted()
  const shown = state.processes.filter((process) => matches(process, product, q))
  const columns = Map.groupBy(shown, stageOf)
  const gates = Map.groupBy(state.gates, gateKey)
  if (state.processes.length === 0) {
    return (
      <Section title="Processes">
        <Empty title="No process is known" command={newProcess()}>
          A process appears with its first event. This one puts it into the backlog:
        </Empty>
      </Section>
    )
  }
  return (
    <>
      <FilterBar
        products={products}
        product={product}
        q={q}
        shown={shown.length}
        total={state.processes.length}
      />
      <div className={classes.board}>
        {stages.map((stage: Stage) => (
          <BoardColumn
            key={stage}
            stage={stage}
            processes={columns.get(stage) ?? []}
            gatesOf={(process) => gates.get(JSON.stringify([process.product, process.id])) ?? []}
          />
        ))}
      </div>
      <CutNote state={state} arrays={['processes', 'gates']} />
    </>
  )
}

function matches(process: StateObject, product: string | undefined, q: string | undefined): boolean {
  if (product !== undefined && process.product !== product) return false
  if (q === undefined) return true
  const sought = [process.id, titleOf(process), process.status, text(process.stage)].join('\n').toLowerCase()
  return sought.includes(q.toLowerCase())
}

/** The process that a gate belongs to, as a key. */
function gateKey(gate: StateObject): string {
  const process = refOf(gate.processRef)
  return JSON.stringify([process?.product, process?.id])
}

function newProcess(): string {
  return appendCommand(
    exampleEvent(
      'process.progressed',
      { kind: 'process', id: 'run-1' },
      { status: 'not_started', stage: 'backlog', title: 'Add a checkout page' },
    ),
  )
}
