import type { Clause, Filter, LogShape, Scalar } from '../../ports/log.ts'

export type SqlValue = string | number | null

/** A piece of SQL over the table as `l`, with the values of its question marks in order. */
export interface Sql {
  readonly text: string
  readonly values: readonly SqlValue[]
}

export const sql = (text: string, ...values: SqlValue[]): Sql => ({ text, values })

/** Pieces joined by a word. */
export function joined(pieces: readonly Sql[], word: string, none: string): Sql {
  if (pieces.length === 0) return sql(none)
  return {
    text: pieces.map((piece) => piece.text).join(word),
    values: pieces.flatMap((piece) => piece.values),
  }
}

/** The text form of an attribute. Only names of the shape become identifiers; others are values. */
export function textSql(shape: LogShape, attribute: string): Sql {
  const column = shape.columns[attribute]
  if (column !== undefined)
    return sql(column.type === 'text' ? `l.${attribute}` : `cast(l.${attribute} as text)`)
  if (!shape.open) return sql('null')
  return sql(
    `(select case type when 'true' then 'true' when 'false' then 'false' else cast(value as text) end from json_each(l.attributes) where key = ?)`,
    attribute,
  )
}

/** The number of an attribute; null where it is none. */
export function numberSql(shape: LogShape, attribute: string): Sql {
  const column = shape.columns[attribute]
  if (column !== undefined && column.type !== 'text') return sql(`l.${attribute}`)
  if (column !== undefined || !shape.open) return sql('null')
  return sql(
    `(select value from json_each(l.attributes) where key = ? and type in ('integer', 'real'))`,
    attribute,
  )
}

const textOf = (value: Scalar) => (value === null ? null : String(value))

/** One clause as a condition. */
export function clauseSql(shape: LogShape, clause: Clause): Sql {
  const text = textSql(shape, clause.attribute)
  if ('includes' in clause) return sql(`instr(${text.text}, ?) > 0`, ...text.values, clause.includes)
  const some = clause.in.filter((value) => value !== null).map(textOf)
  const either: Sql[] = []
  if (some.length < clause.in.length) either.push(sql(`${text.text} is null`, ...text.values))
  if (some.length > 0)
    either.push(sql(`${text.text} in (${some.map(() => '?').join(', ')})`, ...text.values, ...some))
  const any = joined(either, ' or ', 'false')
  return { ...any, text: `(${any.text})` }
}

/** All clauses as one condition. */
export function clausesSql(shape: LogShape, clauses: readonly Clause[] = []): Sql {
  return joined(
    clauses.map((clause) => clauseSql(shape, clause)),
    ' and ',
    'true',
  )
}

/** The condition of a filter, the tenant included. */
export function filterSql(shape: LogShape, tenant: string, filter: Filter): Sql {
  const all = [sql('l.tenant_id = ?', tenant)]
  if (filter.from !== undefined) all.push(sql('l.occurred_at >= ?', filter.from))
  if (filter.to !== undefined) all.push(sql('l.occurred_at < ?', filter.to))
  if (filter.after !== undefined) all.push(sql('l.position > ?', filter.after))
  if (filter.upTo !== undefined) all.push(sql('l.position <= ?', filter.upTo))
  for (const clause of filter.where ?? []) all.push(clauseSql(shape, clause))
  if (filter.text !== undefined) all.push(sql('contains_text(l.payload, ?)', filter.text.toLowerCase()))
  return joined(all, ' and ', 'true')
}
