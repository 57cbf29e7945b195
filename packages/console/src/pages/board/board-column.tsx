import { Button } from '@mantine/core'
import type { StateObject } from '@quarterdeck/sdk/contract/state'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { text, titleOf } from '../../parts/fields.ts'
import { number } from '../../parts/format/number.ts'
import { StatusChip } from '../../parts/status-chip.tsx'
import { toneOf } from '../../parts/tone.ts'
import classes from './board.module.css'
import type { Stage } from './stage-of.ts'

const first = 50

/** One stage with its processes, the newest touched on top. */
export function BoardColumn(props: {
  readonly stage: Stage
  readonly processes: readonly StateObject[]
  readonly gatesOf: (process: StateObject) => readonly StateObject[]
}) {
  const { stage, processes, gatesOf } = props
  const id = useId()
  const [all, setAll] = useState(false)
  const sorted = processes.toSorted((a, b) => b.provenance.position - a.provenance.position)
  return (
    <section className={classes.column} aria-labelledby={id}>
      <h2 className={classes.head} id={id}>
        {stage} <span className={classes.count}>{number(processes.length)}</span>
      </h2>
      {processes.length === 0 ? <p className={classes.none}>None</p> : null}
      <ul className={classes.cards}>
        {(all ? sorted : sorted.slice(0, first)).map((process) => (
          <Card key={`${process.product}/${process.id}`} process={process} gates={gatesOf(process)} />
        ))}
      </ul>
      {all || processes.length <= first ? null : (
        <Button mt={8} onClick={() => setAll(true)}>
          Show all {number(processes.length)}
        </Button>
      )}
    </section>
  )
}

function Card(props: { readonly process: StateObject; readonly gates: readonly StateObject[] }) {
  const { process, gates } = props
  const { product, id } = process
  const title = titleOf(process)
  const passed = gates.filter(({ status }) => toneOf(status) === 'good').length
  const reason = text(process.reason)
  return (
    <li className={classes.card}>
      <div className="row wrap">
        <StatusChip status={process.status} />
        {gates.length === 0 ? null : (
          <span className={classes.meta}>
            {passed}/{gates.length} gates
          </span>
        )}
      </div>
      <Link to="/run/$product/$id" params={{ product, id }} className={classes.link}>
        {title}
      </Link>
      {reason === undefined ? null : <span className={classes.meta}>{reason}</span>}
      <span className={classes.meta}>
        <span>{product}</span>
        {title === id ? null : <span className="mono">{id}</span>}
      </span>
    </li>
  )
}
