import { Button, NativeSelect, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { type FormEvent, useMemo, useState } from 'react'
import { type Condition, type Operator, operators, readValue, said } from './conditions.ts'
import { leading } from './orderable.ts'
import { fieldsOf } from './table-fields.ts'
import classes from './tables.module.css'
import type { TableItem } from './tables-query.ts'

/** Builds one condition: a field, how it is compared, and with what. */
export function AddCondition(props: {
  readonly table: TableItem
  readonly onAdd: (condition: Condition) => void
}) {
  const { table, onAdd } = props
  const fields = useMemo(() => fieldsOf(table), [table])
  const first = leading(table.indexes).filter((path) => fields.some((field) => field.path === path))
  const others = fields.map(({ path }) => path).filter((path) => !first.includes(path))
  const [path, setPath] = useState<string>()
  const [operator, setOperator] = useState<Operator>('eq')
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState<string>()
  const field = fields.find((each) => each.path === (path ?? first[0] ?? others[0]))
  if (field === undefined) return null
  const listed = field.type === 'boolean' ? ['true', 'false'] : field.options
  const choice = operator === 'eq' || operator === 'ne' ? listed : undefined

  function add(event: FormEvent): void {
    event.preventDefault()
    if (field === undefined) return
    const given = choice === undefined || choice.includes(typed) ? typed : (choice[0] ?? '')
    const value = readValue(given, field.type, operator)
    setWrong(value === undefined ? `${field.path} holds a ${field.type}, or null` : undefined)
    if (value === undefined) return
    setTyped('')
    onAdd({ field: field.path, operator, value })
  }

  return (
    <form className={classes.add} onSubmit={add}>
      <NativeSelect
        size="xs"
        aria-label="Field"
        value={field.path}
        data={[
          ...(first.length === 0 ? [] : [{ group: 'An index begins with', items: [...first] }]),
          ...(others.length === 0 ? [] : [{ group: 'Others', items: [...others] }]),
        ]}
        onChange={({ currentTarget }) => setPath(currentTarget.value)}
      />
      <NativeSelect
        size="xs"
        aria-label="Comparison"
        value={operator}
        data={operators.map((value) => ({ value, label: said[value] }))}
        onChange={({ currentTarget }) =>
          setOperator(operators.find((each) => each === currentTarget.value) ?? 'eq')
        }
      />
      {choice === undefined ? (
        <TextInput
          aria-label="Value"
          placeholder={operator === 'in' ? 'values, parted by commas' : 'value'}
          value={typed}
          error={wrong}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      ) : (
        <NativeSelect
          size="xs"
          aria-label="Value"
          value={choice.includes(typed) ? typed : choice[0]}
          data={[...choice]}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      )}
      <Button type="submit" leftSection={<IconPlus size={13} />}>
        Add condition
      </Button>
    </form>
  )
}
