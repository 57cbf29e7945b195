import { Button, NativeSelect } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { cutText } from '../../parts/cut-text.ts'
import { AddCondition } from './add-condition.tsx'
import { type Condition, formatWhere, said } from './conditions.ts'
import { orderable } from './orderable.ts'
import classes from './tables.module.css'
import type { TableItem } from './tables-query.ts'

/** The conditions that rows must meet and the order they come in, as the URL says them. */
export function Filters(props: {
  readonly table: TableItem
  /** Null: what the URL says is none. */
  readonly conditions: readonly Condition[] | null
  readonly orderBy: string | undefined
}) {
  const { table, conditions, orderBy } = props
  const navigate = useNavigate()
  const change = (changed: { where?: string | undefined; orderBy?: string | undefined }) =>
    void navigate({ to: '.', search: (former) => ({ ...former, ...changed }), replace: true })
  /** An order that no index can give any more goes with the condition that it stood on. */
  const set = (next: readonly Condition[]) => {
    const [field = ''] = orderBy?.split(':') ?? []
    const stands = orderable(table.indexes, next).includes(field)
    change({ where: formatWhere(next), ...(stands ? {} : { orderBy: undefined }) })
  }
  const now = conditions ?? []
  return (
    <search className={classes.filters}>
      <div className={classes.tools}>
        <AddCondition table={table} onAdd={(condition) => set([...now, condition])} />
        <OrderBy
          fields={orderable(table.indexes, now)}
          orderBy={orderBy}
          onChange={(order) => change({ orderBy: order })}
        />
      </div>
      {conditions === null ? (
        <p role="alert" className={classes.unread}>
          The conditions in the address of this page cannot be read.{' '}
          <Button size="compact-xs" onClick={() => change({ where: undefined })}>
            Take them away
          </Button>
        </p>
      ) : null}
      {now.length === 0 ? null : (
        <div className={classes.chips}>
          {now.map((condition) => {
            const text = `${condition.field} ${said[condition.operator]} ${cutText(JSON.stringify(condition.value), 60)}`
            return (
              <Button
                key={`${condition.field} ${condition.operator}`}
                size="compact-xs"
                rightSection={<IconX size={12} aria-hidden="true" />}
                aria-label={`Take the condition ${text} away`}
                onClick={() => set(now.filter((each) => each !== condition))}
              >
                {text}
              </Button>
            )
          })}
          <Button size="compact-xs" variant="subtle" onClick={() => set([])}>
            Take all away
          </Button>
        </div>
      )}
    </search>
  )
}

/** Only what an index can serve is offered; what the URL asks for stays chosen all the same. */
function OrderBy(props: {
  readonly fields: readonly string[]
  readonly orderBy: string | undefined
  readonly onChange: (orderBy: string | undefined) => void
}) {
  const { fields, orderBy, onChange } = props
  const offered = fields.flatMap((field) => [
    { value: field, label: `by ${field}` },
    { value: `${field}:desc`, label: `by ${field}, descending` },
  ])
  const other =
    orderBy === undefined || offered.some(({ value }) => value === orderBy)
      ? []
      : [{ value: orderBy, label: `by ${cutText(orderBy, 40)}` }]
  return (
    <NativeSelect
      size="xs"
      className={classes.order ?? ''}
      aria-label="Order"
      value={orderBy ?? ''}
      data={[{ value: '', label: 'in the order of the index, or ids' }, ...offered, ...other]}
      onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? undefined : currentTarget.value)}
    />
  )
}
