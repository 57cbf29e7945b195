import type { Dimension, Filter, Grouping, LogShape, Measure } from '../../ports/log.ts'
import { clausesSql, filterSql, joined, numberSql, type Sql, sql, textSql } from './log-filter.ts'

function dimensionSql(shape: LogShape, dimension: Dimension): Sql {
  if (typeof dimension === 'string') return textSql(shape, dimension)
  // Integer division rounds towards zero, so times before 1970 are moved first.
  return sql(
    '(l.occurred_at - ((l.occurred_at % ?) + ?) % ?)',
    dimension.bucket,
    dimension.bucket,
    dimension.bucket,
  )
}

function measureSql(shape: LogShape, measure: Measure): Sql {
  const where =
    measure.op === 'percentile' || measure.where === undefined ? null : clausesSql(shape, measure.where)
  const filter = where === null ? sql('') : sql(` filter (where ${where.text})`, ...where.values)
  if (measure.op === 'count') return sql(`count(*)${filter.text}`, ...filter.values)
  const text = textSql(shape, measure.attribute)
  const number = numberSql(shape, measure.attribute)
  switch (measure.op) {
    case 'present':
      return sql(`count(${text.text})${filter.text}`, ...text.values, ...filter.values)
    case 'distinct':
      return sql(`count(distinct ${text.text})${filter.text}`, ...text.values, ...filter.values)
    case 'percentile':
      return sql(`nearest_rank(${number.text}, ?)`, ...number.values, measure.p)
    default:
      return sql(`${measure.op}(${number.text})${filter.text}`, ...number.values, ...filter.values)
  }
}

/** The statement of one grouping: columns k0.. for its dimensions, m0.. for its measures. */
export function aggregateSql(shape: LogShape, tenant: string, filter: Filter, grouping: Grouping): Sql {
  const keys = grouping.by.map((dimension, index) => {
    const found = dimensionSql(shape, dimension)
    return { ...found, text: `${found.text} as k${index}` }
  })
  const measures = Object.values(grouping.measures).map((measure, index) => {
    const found = measureSql(shape, measure)
    return { ...found, text: `${found.text} as m${index}` }
  })
  const select = joined([...keys, ...measures], ', ', '1')
  const where = filterSql(shape, tenant, filter)
  const group = keys.length === 0 ? '' : ` group by ${keys.map((_, index) => `k${index}`).join(', ')}`
  const order = [
    ...(measures.length > 0 ? ['m0 desc nulls last'] : []),
    ...keys.map((_, index) => `k${index} nulls last`),
  ]
  const by = keys.length === 0 || order.length === 0 ? '' : ` order by ${order.join(', ')}`
  return sql(
    `select ${select.text} from ${shape.table} l where ${where.text}${group}${by} limit ?`,
    ...select.values,
    ...where.values,
    grouping.top ?? -1,
  )
}
