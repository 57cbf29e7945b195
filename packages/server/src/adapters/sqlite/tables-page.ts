import type { SQLInputValue } from 'node:sqlite'
import type { Page } from '../tables-page.ts'
import { columnOf } from '../tables-shape.ts'
import { quoted } from './tables-sql.ts'

/** A statement with its values. */
export interface PageStatement {
  readonly text: string
  readonly values: readonly SQLInputValue[]
}

/**
 * The rows that a snapshot sees in the order of a page: of the main table by its index, and of the history what ended
 * since the snapshot, merged by one statement. It has no limit, and leaves `rest` and `without` to the reader: lines
 * come as they are taken.
 */
export function pageSql(ptr: string, page: Page, last: number): PageStatement {
  const values: SQLInputValue[] = [last]
  const put = (value: SQLInputValue) => `?${values.push(value)}`
  const column = (field: string) => quoted(columnOf(field))
  const ordering = page.listed ? ['_order'] : page.ordering.map(column)
  const order = [...ordering, 'id']
  const direction = page.descending ? 'desc' : 'asc'

  const conditions = page.equal.map((key, at) => `${column(page.fields?.[at] ?? '')} = ${put(key)}`)
  if (page.owner !== null) conditions.push(`_owner = ${put(page.owner)}`)
  for (const { field, sign, keys } of page.range) {
    const names = keys.map(put)
    conditions.push(`${column(field)} ${sign} ${sign === 'in' ? `(${names.join(', ')})` : names[0]}`)
  }
  const behind: string[] = []
  if (page.after !== null) {
    const keys = page.listed ? page.after.keys.map(Number) : page.after.keys
    const place = [...keys, page.after.id].map(put)
    // Said of the first alone as well, so that the index is entered there.
    behind.push(`${order[0]} ${page.descending ? '<=' : '>='} ${place[0]}`)
    behind.push(`(${order.join(', ')}) ${page.descending ? '<' : '>'} (${place.join(', ')})`)
  }

  const keyed = page.listed ? [] : ordering
  const columns = ['id', 'data', '_txid', '_owner', '_order', ...keyed].join(', ')
  const main = [...conditions, ...behind, '_txid <= ?1', '(_deleted_txid is null or _deleted_txid > ?1)']
  // Of the history little ended since most snapshots, so it is entered there and nowhere else.
  const history = [
    ...conditions,
    ...behind.map((condition) => condition.replace(/\bid\b/, '+id')),
    'unlikely(_deleted_txid > ?1)',
    '_txid <= ?1',
  ]
  return {
    text: `select ${columns} from ${quoted(ptr)} where ${main.join(' and ')}
      union all select ${columns} from ${quoted(`${ptr}_h`)} where ${history.join(' and ')}
      order by ${order.map((name) => `${name} ${direction}`).join(', ')}`,
    values,
  }
}
