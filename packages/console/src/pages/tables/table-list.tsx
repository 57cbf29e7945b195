import { Link } from '@tanstack/react-router'
import { Bits } from '../../parts/bits.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Table } from '../../parts/table.tsx'
import { hiddenFields } from './hidden-fields.ts'
import { indexText } from './orderable.ts'
import classes from './tables.module.css'
import type { TableItem } from './tables-query.ts'

/** Each table with what stands in its declaration, and what an operator changed of that. */
export function TableList(props: {
  readonly tables: readonly TableItem[]
  readonly asOf: string | undefined
}) {
  const { tables, asOf } = props
  return (
    <Table
      caption="Tables of the app"
      rows={tables}
      keyOf={({ name }) => name}
      columns={[
        {
          header: 'Table',
          cell: ({ name }) => (
            <Link to="/tables/$table" params={{ table: name }} search={{ asOf }} className={classes.name}>
              {name}
            </Link>
          ),
        },
        {
          header: 'Rows',
          cell: ({ rows }) => <span className="nowrap">{rows === 'own' ? 'own, per caller' : 'shared'}</span>,
        },
        { header: 'Permits', cell: Permits },
        { header: 'Indexes', cell: Indexes, wideOnly: true },
        { header: 'Masked', cell: Masked, wideOnly: true },
      ]}
    />
  )
}

/** What a table permits now, beside what the app declares where that differs. */
export function Permits({ permitted, permissions }: Pick<TableItem, 'permitted' | 'permissions'>) {
  if (permitted === permissions) return <Bits bits={permitted} third="delete" />
  const narrower = (permissions & ~permitted) !== 0
  return (
    <span className={classes.permits}>
      <Bits bits={permitted} third="delete" />
      <StatusChip status={narrower ? 'restricted' : 'widened'} tone="warn" />
      <span className={classes.declared}>
        declared <Bits bits={permissions} third="delete" />
      </span>
    </span>
  )
}

function Indexes({ indexes }: TableItem) {
  const all = Object.entries(indexes)
  if (all.length === 0) return <span className="muted">none: rows come by id</span>
  return all.map((index) => (
    <div key={index[0]}>
      <code className="break">{indexText(index)}</code>
    </div>
  ))
}

function Masked(table: TableItem) {
  if (table.masks.length === 0) return <span className="muted">–</span>
  const hidden = new Set(hiddenFields(table))
  return table.masks.map(({ path }) => (
    <div key={path} className="nowrap">
      <code>{path}</code>
      {hidden.has(path) ? <span className={classes.aside}> hidden from operators</span> : null}
    </div>
  ))
}
