import { getRouteApi, Link } from '@tanstack/react-router'
import { cutText } from '../../parts/cut-text.ts'
import { type Column, Table } from '../../parts/table.tsx'
import { hiddenFields } from './hidden-fields.ts'
import { columnsOf } from './table-fields.ts'
import classes from './tables.module.css'
import type { RowItem, TableItem } from './tables-query.ts'
import { Hidden, Value } from './value.tsx'

const route = getRouteApi('/shell/tables/$table')

/** Rows with a column for each field of the schema; fields that a document has beside it are counted. */
export function RowTable(props: { readonly table: TableItem; readonly rows: readonly RowItem[] }) {
  const { table, rows } = props
  const fields = columnsOf(table)
  const hidden = hiddenFields(table)
  const known = new Set(fields)
  const others = (row: RowItem) => Object.keys(row.data).filter((name) => !known.has(name))
  const beside: Column<RowItem> = { header: 'Beside the schema', cell: (row) => others(row).join(', ') }
  return (
    <Table
      caption={`Rows of ${table.name}`}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        { header: 'Row', cell: ({ id }) => <RowLink id={id} /> },
        ...fields.map((name) => ({
          header: name,
          named: true,
          cell: (row: RowItem) => <Cell row={row} name={name} hidden={hidden} />,
        })),
        ...(rows.some((row) => others(row).length > 0) ? [beside] : []),
        {
          header: 'Owner',
          cell: ({ owner }) => <span title={owner}>{cutText(owner, 28)}</span>,
          wideOnly: table.rows === 'shared',
        },
        { header: 'Commit', numeric: true, cell: ({ number }) => <CommitLink number={number} /> },
      ]}
    />
  )
}

function RowLink({ id }: Pick<RowItem, 'id'>) {
  const { table } = route.useParams()
  return (
    <Link
      to="/tables/$table"
      params={{ table }}
      search={(former) => ({ ...former, row: id })}
      className={classes.id}
      title={id}
    >
      {id.length > 20 ? `${id.slice(0, 8)}…${id.slice(-8)}` : id}
    </Link>
  )
}

function CommitLink({ number }: Pick<RowItem, 'number'>) {
  const { table } = route.useParams()
  return (
    <Link
      to="/tables/$table"
      params={{ table }}
      search={(former) => ({ ...former, asOf: String(number) })}
      title={`The table as of commit ${number}`}
    >
      {number}
    </Link>
  )
}

function Cell(props: { readonly row: RowItem; readonly name: string; readonly hidden: readonly string[] }) {
  const { row, name, hidden } = props
  if (hidden.includes(name)) return <Hidden />
  const value = Object.hasOwn(row.data, name) ? row.data[name] : undefined
  const parts = hidden.filter((path) => path.startsWith(`${name}.`))
  return (
    <>
      <Value value={value} />
      {parts.map((path) => (
        <div key={path} className={`${classes.aside} nowrap`}>
          {path}: <Hidden />
        </div>
      ))}
    </>
  )
}
