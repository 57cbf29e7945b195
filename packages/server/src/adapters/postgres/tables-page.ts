import type { Page } from '../tables-page.ts'
import { columnOf } from '../tables-shape.ts'
import type { FieldTest } from '../tables-tests.ts'
import { columns, lastOf, quoted } from './tables-sql.ts'

/** A statement with its values. */
export interface PageStatement {
  readonly text: string
  readonly values: readonly unknown[]
}

// Of a long key the index holds this many letters; see `console_tables_make_index`.
const inIndex = 128

/**
 * A page of a table. Without `last`: the last commit and the rows of the same moment, of the main table alone, which holds
 * all that is live. Else the rows that this snapshot sees, of the main table by its index and of the history what ended
 * since, by one statement.
 */
export function pageSql(
  place: { ptr: string; tenant: string },
  page: Page,
  last: number | null,
): PageStatement {
  const values: unknown[] = []
  const put = (value: unknown, type: string) => `$${values.push(value)}::${type}`
  const direction = page.descending ? 'desc' : 'asc'
  const than = page.descending ? '<' : '>'
  const column = (field: string) => quoted(columnOf(field))
  const begin = (text: string) => `left(${text}, ${inIndex})`
  const ordered = (names: readonly string[]) => names.map((name) => `${name} ${direction}`).join(', ')
  const limit = put(page.limit, 'bigint')
  const without = page.without.length === 0 ? [] : [`id <> all (${put(page.without, 'text[]')})`]
  const after =
    page.after === null
      ? null
      : [
          ...page.after.keys.map((key) => put(key, page.listed ? 'bigint' : 'text')),
          put(page.after.id, 'text'),
        ]
  const ofOwner = page.owner === null ? [] : [`_owner = ${put(page.owner, 'text')}`]
  const equal = page.equal.map((key, at): FieldTest => {
    return { field: page.fields?.[at] ?? '', sign: '=', keys: [key] }
  })
  const meets = (tests: readonly FieldTest[]) =>
    tests.length === 0 ? [] : [`console_tables_meets(data, ${put(JSON.stringify(tests), 'jsonb')})`]

  /** By the index, and exactly where its beginning of a key does not decide. */
  function indexed({ field, sign, keys }: FieldTest): string[] {
    const isLong = keys.some((key) => key.length >= inIndex)
    const full = sign === 'in' ? `any (${put(keys, 'text[]')})` : put(keys[0] ?? '', 'text')
    const exact = sign === 'in' ? `${column(field)} = ${full}` : `${column(field)} ${sign} ${full}`
    if (!isLong) return [exact.replace(column(field), begin(column(field)))]
    const begun = sign === 'in' ? `any (${put(keys.map(shortened), 'text[]')})` : begin(full)
    const loose = sign === '>' ? '>=' : sign === '<' ? '<=' : sign === 'in' ? '=' : sign
    return [`${begin(column(field))} ${loose} ${begun}`, exact]
  }

  const isLong = page.ordering.map((field) => `char_length(${column(field)}) >= ${inIndex}`).join(' or ')
  const keyed = page.ordering.map((field, at) => `, ${column(field)} as key${at}`).join('')
  const whole = ordered([...(page.listed ? ['_order'] : page.ordering.map((_, at) => `key${at}`)), 'id'])

  /** Rows whose keys are whole in the index come in its order; those that have a long one, mostly none, are sorted. */
  function mainSql(visible: string): string {
    const conditions = [
      ...[...equal, ...page.range].flatMap(indexed),
      ...ofOwner,
      ...meets(page.rest),
      ...without,
      visible,
    ]
    const branch = (names: readonly string[], more: readonly string[]) => {
      const order = [...names, 'id']
      const behind = after === null ? [] : [`(${order.join(', ')}) ${than} (${after.join(', ')})`]
      return `(select ${columns}${keyed} from ${quoted(place.ptr)}
        where ${[...conditions, ...behind, ...more].join(' and ')} order by ${ordered(order)} limit ${limit})`
    }
    if (page.listed) return branch(['_order'], [])
    if (page.ordering.length === 0) return branch([], [])
    const short = branch(
      page.ordering.map((field) => begin(column(field))),
      [`not (${isLong})`],
    )
    return `${short} union all ${branch(page.ordering.map(column), [`(${isLong})`])}`
  }

  function historySql(visible: string): string {
    const keys = page.ordering.map(
      (field) => `console_tables_field_key(data, ${put(field, 'text')}) collate "C"`,
    )
    const order = [...(page.listed ? ['_order'] : keys), 'id']
    const conditions = [
      visible,
      ...ofOwner,
      ...(after === null ? [] : [`(${order.join(', ')}) ${than} (${after.join(', ')})`]),
      ...meets([...equal, ...page.range, ...page.rest]),
      ...without,
    ]
    const named = keys.map((key, at) => `, ${key} as key${at}`).join('')
    return `select ${columns}${named} from ${quoted(`${place.ptr}_h`)} where ${conditions.join(' and ')}
      order by ${whole} limit ${limit}`
  }

  if (last === null) {
    const head = `(select ${lastOf.replace('$1', put(place.tenant, 'text'))} as last) head`
    const text = `select head.last, page.* from ${head}
      left join lateral (
        select * from (${mainSql('_deleted_txid is null')}) main order by ${whole} limit ${limit}
      ) page on true
      order by ${whole}`
    return { text, values }
  }
  const seen = put(last, 'bigint')
  const text = `select * from (
      ${mainSql(`_txid <= ${seen} and (_deleted_txid is null or _deleted_txid > ${seen})`)}
      union all
      (${historySql(`_deleted_txid > ${seen} and _txid <= ${seen}`)})
    ) both_of_them order by ${whole} limit ${limit}`
  return { text, values }
}

const shortened = (key: string) => [...key].slice(0, inIndex).join('')
