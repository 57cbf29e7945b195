import { Button } from '@mantine/core'
import type { ArrayName } from '@quarterdeck/sdk/contract/record'
import type { OperatingState, StateObject } from '@quarterdeck/sdk/contract/state'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { appendCommand } from '../../parts/append-command.ts'
import { CutNote } from '../../parts/cut-note.tsx'
import { Empty } from '../../parts/empty.tsx'
import { exampleEvent } from '../../parts/example-event.ts'
import { text, titleOf } from '../../parts/fields.ts'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { number } from '../../parts/format/number.ts'
import { ObjectTable } from '../../parts/object-table.tsx'
import { Section } from '../../parts/section.tsx'
import { StatePage } from '../../parts/state-page.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { toneOf } from '../../parts/tone.ts'
import { Actions } from './actions.tsx'
import classes from './operate.module.css'
import { Pipelines } from './pipelines.tsx'
import { Producers } from './producers.tsx'

const route = getRouteApi('/shell/operate')

const listed = ['gates', 'claims', 'reviewItems', 'exceptions'] as const
const all: readonly ArrayName[] = [...listed, 'actions', 'pipelines']

/** Everything an operator holds in hand while the work goes on. */
export function Operate() {
  const { at, product, q } = route.useSearch()
  return (
    <StatePage title="Operate" at={at}>
      {(state) => <OperateAt state={state} product={product} q={q} />}
    </StatePage>
  )
}

function OperateAt(props: { state: OperatingState; product: string | undefined; q: string | undefined }) {
  const { state, product, q } = props
  const shown = (array: ArrayName) =>
    state[array].filter((object) => matches(object, product, q)).toSorted((a, b) => rank(a) - rank(b))
  const objects = all.flatMap((array) => state[array])
  const products = [...new Set(objects.map((object) => object.product))].toSorted()
  const count = all.reduce((sum, array) => sum + shown(array).length, 0)
  const stage = state.gates.find(({ id }) => id === state.currentStage)
  return (
    <>
      <div className={classes.stage}>
        <span className="muted">Current stage</span>
        <strong className="break">{state.currentStage ?? 'none: no gate waits and none has failed'}</strong>
        {stage === undefined ? null : <StatusChip status={stage.status} />}
      </div>
      <FilterBar products={products} product={product} q={q} shown={count} total={objects.length} />
      <CutNote state={state} arrays={all} />
      <Pipelines pipelines={shown('pipelines')} />
      {listed.map((array) => (
        <Part key={array} array={array} objects={shown(array)} any={state[array].length > 0} />
      ))}
      <Actions actions={shown('actions')} any={state.actions.length > 0} />
      <Producers q={q} />
    </>
  )
}

const parts = {
  gates: {
    title: 'Gates',
    type: 'gate.opened',
    kind: 'gate',
    after: { processRef: { product: 'flow', kind: 'process', id: 'run-1' } },
  },
  claims: { title: 'Claims', type: 'claim.status.changed', kind: 'claim', after: { status: 'proposed' } },
  reviewItems: {
    title: 'Reviews',
    type: 'review_item.opened',
    kind: 'review_item',
    after: { kind: 'design', subjectRef: { product: 'flow', kind: 'process', id: 'run-1' } },
  },
  exceptions: { title: 'Exceptions', type: 'exception.requested', kind: 'exception', after: {} },
} as const

function Part(props: { array: (typeof listed)[number]; objects: readonly StateObject[]; any: boolean }) {
  const { array, objects, any } = props
  const { title, type, kind, after } = parts[array]
  const [all, setAll] = useState(false)
  const open = objects.filter(({ status }) => toneOf(status) !== 'good')
  const settled = objects.length - open.length
  return (
    <Section
      title={title}
      count={objects.length}
      tools={
        settled === 0 || open.length === 0 ? null : (
          <Button onClick={() => setAll(!all)} aria-pressed={all}>
            {all ? 'Only what is open' : `And ${number(settled)} settled`}
          </Button>
        )
      }
    >
      {objects.length > 0 ? (
        <ObjectTable caption={title} kind={array} objects={all || open.length === 0 ? objects : open} />
      ) : any ? (
        <Empty title="None matches the filter" />
      ) : (
        <Empty
          title={`No ${title.toLowerCase()} yet`}
          command={appendCommand(exampleEvent(type, { kind, id: `${kind}-1` }, after))}
        />
      )}
    </Section>
  )
}

const order = ['bad', 'warn', 'info', 'idle', 'good']

function rank(object: StateObject): number {
  return order.indexOf(toneOf(object.status))
}

function matches(object: StateObject, product: string | undefined, q: string | undefined): boolean {
  if (product !== undefined && object.product !== product) return false
  if (q === undefined) return true
  const sought = [object.id, titleOf(object), object.status, text(object.reason)].join('\n').toLowerCase()
  return sought.includes(q.toLowerCase())
}
