import type { Clause, Filter, LogShape, Scalar } from '../../ports/log.ts'

/** Collects the values of a statement; each `$n` is what it was given as. */
export interface Values {
  readonly list: unknown[]
  put(value: unknown): string
}

export function values(): Values {
  const list: unknown[] = []
  return {
    list,
    put(value) {
      list.push(value)
      return `$${list.length}`
    },
  }
}

const iso = (ms: number) => new Date(ms).toISOString()

/** The text form of an attribute as SQL. Only names of the shape become identifiers; others are values. */
export function textSql(shape: LogShape, attribute: string, put: Values['put']): string {
  const column = shape.columns[attribute]
  if (column !== undefined) return column.type === 'text' ? `l.${attribute}` : `l.${attribute}::text`
  return shape.open ? `(l.attributes ->> ${put(attribute)}::text)` : 'null::text'
}

/** The number of an attribute as SQL. */
export function numberSql(shape: LogShape, attribute: string, put: Values['put']): string {
  const column = shape.columns[attribute]
  if (column !== undefined && column.type !== 'text') return `l.${attribute}::float8`
  const text = textSql(shape, attribute, put)
  return `(case when ${text} ~ '^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$' then ${text}::float8 end)`
}

/** Documents that hold the attribute in one of the JSON forms its text form can have. */
function contained(attribute: string, value: Scalar): string[] {
  const text = String(value)
  const forms: Scalar[] = [text]
  if (text !== '' && String(Number(text)) === text && Number.isFinite(Number(text))) forms.push(Number(text))
  if (text === 'true' || text === 'false') forms.push(text === 'true')
  return forms.map((form) => JSON.stringify({ [attribute]: form }))
}

/** One clause as SQL. */
export function clauseSql(shape: LogShape, clause: Clause, put: Values['put']): string {
  const { attribute } = clause
  if ('includes' in clause)
    return `position(${put(clause.includes)}::text in ${textSql(shape, attribute, put)}) > 0`
  const some = clause.in.filter((value) => value !== null)
  const either: string[] =
    clause.in.length === some.length ? [] : [`${textSql(shape, attribute, put)} is null`]
  if (some.length > 0) {
    if (shape.columns[attribute] !== undefined || !shape.open)
      either.push(`${textSql(shape, attribute, put)} = any(${put(some.map(String))}::text[])`)
    else
      for (const value of some)
        for (const form of contained(attribute, value)) either.push(`l.attributes @> ${put(form)}::jsonb`)
  }
  return either.length === 0 ? 'false' : `(${either.join(' or ')})`
}

/** All clauses as one condition; `true` of none. */
export function clausesSql(
  shape: LogShape,
  clauses: readonly Clause[] | undefined,
  put: Values['put'],
): string {
  return clauses?.map((clause) => clauseSql(shape, clause, put)).join(' and ') || 'true'
}

/** The condition of a filter over the table as `l`, the tenant included. */
export function filterSql(shape: LogShape, tenant: string, filter: Filter, put: Values['put']): string {
  const all = [`l.tenant_id = ${put(tenant)}`]
  if (filter.from !== undefined) all.push(`l.occurred_at >= ${put(iso(filter.from))}::timestamptz`)
  if (filter.to !== undefined) all.push(`l.occurred_at < ${put(iso(filter.to))}::timestamptz`)
  if (filter.after !== undefined) all.push(`l.position > ${put(filter.after)}::bigint`)
  if (filter.upTo !== undefined) all.push(`l.position <= ${put(filter.upTo)}::bigint`)
  for (const clause of filter.where ?? []) all.push(clauseSql(shape, clause, put))
  // The pattern is quoted (flag q), so that nothing in it is a regular expression.
  if (filter.text !== undefined) {
    const path = `$.** ? (@.type() == "string" && @ like_regex ${JSON.stringify(filter.text)} flag "iq")`
    all.push(`jsonb_path_exists(l.payload, ${put(path)}::jsonpath)`)
  }
  return all.join(' and ')
}
