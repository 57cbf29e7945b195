import { Link } from '@tanstack/react-router'
import { Bits } from '../../parts/bits.tsx'
import { duration } from '../../parts/format/duration.ts'
import { none, percent } from '../../parts/format/number.ts'
import { Table } from '../../parts/table.tsx'
import { FunctionMarks } from './function-marks.tsx'
import classes from './functions.module.css'
import type { FunctionItem } from './functions-query.ts'
import { rate } from './rate.ts'

const time = (ms: number | null) => (ms === null ? none : duration(ms))

/** Each function with what a caller needs and how it did. */
export function FunctionTable(props: { readonly functions: readonly FunctionItem[] }) {
  return (
    <Table
      caption="Functions of the app"
      rows={props.functions}
      keyOf={({ name }) => name}
      columns={[
        { header: 'Function', grow: true, cell: What },
        { header: 'Bits', cell: ({ perm }) => <Bits bits={perm} third="execute" /> },
        { header: 'Groups', cell: Groups, wideOnly: true },
        {
          header: 'Hash',
          cell: ({ hash }) => <code title={hash}>{hash.slice(0, 8)}</code>,
          wideOnly: true,
        },
        { header: 'Rate', numeric: true, cell: ({ rate: perSecond }) => rate(perSecond), wideOnly: true },
        { header: 'p50', numeric: true, cell: ({ p50 }) => time(p50), wideOnly: true },
        { header: 'p95', numeric: true, cell: ({ p95 }) => time(p95) },
        { header: 'Errors', numeric: true, cell: Errors },
      ]}
    />
  )
}

function What(fn: FunctionItem) {
  return (
    <>
      <div className={classes.name}>
        <Link to="/functions/$fn" params={{ fn: fn.name }} search={(former) => ({ window: former.window })}>
          {fn.name}
        </Link>
        <FunctionMarks fn={fn} />
      </div>
      {fn.broken === null ? null : <div className={classes.broken}>{fn.broken}</div>}
    </>
  )
}

function Groups({ ugroup, egroup }: FunctionItem) {
  return (
    <>
      <code>{egroup}</code>
      {ugroup === null ? null : <div className={`${classes.aside} nowrap`}>for {ugroup} only</div>}
    </>
  )
}

function Errors({ errorShare }: FunctionItem) {
  return (
    <span data-failing={(errorShare ?? 0) > 0} className={classes.share}>
      {percent(errorShare)}
    </span>
  )
}
