import { Link } from '@tanstack/react-router'
import { Empty } from '../../parts/empty.tsx'
import type { TableItem } from './tables-query.ts'

/** Why there is no row to show. */
export function NoRows(props: {
  readonly table: TableItem
  readonly narrowed: boolean
  readonly isPast: boolean
}) {
  const { table, narrowed, isPast } = props
  if (narrowed)
    return <Empty title={isPast ? 'No row met the conditions then' : 'No row meets the conditions'} />
  if (isPast) return <Empty title="There was no row then" />
  return (
    <Empty title="There is no row yet">
      Functions write it as <code>ctx.tables.{table.name}</code>.{' '}
      <Link to="/functions">Look at the functions</Link> and run one that writes.
    </Empty>
  )
}
