import type { AggregateRow, Dimension, Filter, Grouping, LogShape, Measure, Scalar } from '../../ports/log.ts'
import { clausesSql, filterSql, numberSql, textSql, type Values, values } from './log-filter.ts'

/** A statement that answers several groupings at once, and how to read its rows. */
export interface AggregateSql {
  readonly text: string
  readonly values: readonly unknown[]
  /** Which groupings of the call it answers, by their index. */
  readonly answers: readonly number[]
  rows(index: number, found: readonly Record<string, unknown>[]): AggregateRow[]
}

const nameOf = (dimension: Dimension) => JSON.stringify(dimension)

/** Columns of the inner select by what they say, so that equal expressions are computed once. */
function inner(shape: LogShape, put: Values['put']) {
  const columns = new Map<string, string>()
  return {
    columns,
    of(key: string, sql: () => string): string {
      const known = columns.get(key)
      if (known !== undefined) return known.slice(known.lastIndexOf(' ') + 1)
      const alias = `c${columns.size}`
      columns.set(key, `${sql()} as ${alias}`)
      return alias
    },
    dimension(dimension: Dimension): string {
      return this.of(`d${nameOf(dimension)}`, () =>
        typeof dimension === 'string'
          ? `${textSql(shape, dimension, put)} collate "C"`
          : `floor(extract(epoch from l.occurred_at)::float8 * 1000 / ${put(dimension.bucket)}::float8) * ${put(dimension.bucket)}::float8`,
      )
    },
  }
}

function measureSql(
  shape: LogShape,
  measure: Measure,
  select: ReturnType<typeof inner>,
  put: Values['put'],
): string {
  const where =
    measure.op === 'percentile' || measure.where === undefined
      ? ''
      : ` filter (where ${select.of(`w${JSON.stringify(measure.where)}`, () => clausesSql(shape, measure.where, put))})`
  if (measure.op === 'count') return `count(*)${where}::float8`
  const text = () => select.of(`t${measure.attribute}`, () => textSql(shape, measure.attribute, put))
  const number = () => select.of(`n${measure.attribute}`, () => numberSql(shape, measure.attribute, put))
  if (measure.op === 'present') return `count(${text()})${where}::float8`
  if (measure.op === 'distinct') return `count(distinct ${text()})${where}::float8`
  if (measure.op === 'percentile')
    return `percentile_disc(${put(measure.p)}::float8) within group (order by ${number()})`
  return `${measure.op}(${number()})${where}::float8`
}

/** One statement per set of equal measures; its groupings become grouping sets over one scan. */
export function aggregateSql(
  shape: LogShape,
  tenant: string,
  filter: Filter,
  groupings: readonly Grouping[],
): AggregateSql[] {
  const families = new Map<string, number[]>()
  for (const [index, grouping] of groupings.entries()) {
    const family = JSON.stringify(grouping.measures)
    families.set(family, [...(families.get(family) ?? []), index])
  }
  return [...families.values()].map((answers) => familySql(shape, tenant, filter, groupings, answers))
}

function familySql(
  shape: LogShape,
  tenant: string,
  filter: Filter,
  groupings: readonly Grouping[],
  answers: readonly number[],
): AggregateSql {
  const { list, put } = values()
  const mine = answers.map((index) => groupings[index] as Grouping)
  const select = inner(shape, put)
  const names = [...new Set(mine.flatMap((grouping) => grouping.by.map(nameOf)))]
  const dimensions = names.map((name) => select.dimension(JSON.parse(name) as Dimension))
  const measures = Object.keys(mine[0]?.measures ?? {})
  const measured = measures.map(
    (name, index) => `${measureSql(shape, mine[0]?.measures[name] as Measure, select, put)} as m${index}`,
  )
  // The bit of a dimension is 1 where it is not part of the row's grouping.
  const maskOf = (grouping: Grouping) => {
    const by = new Set(grouping.by.map(nameOf))
    return names.reduce((mask, name) => mask * 2 + (by.has(name) ? 0 : 1), 0)
  }
  const sets = mine.map(
    (grouping) => `(${grouping.by.map((one) => dimensions[names.indexOf(nameOf(one))]).join(', ')})`,
  )
  const mask = dimensions.length === 0 ? '0' : `grouping(${dimensions.join(', ')})`
  const keys = dimensions.map((alias, index) => `${alias} as k${index}`)
  const grouped = `select ${[`${mask} as mask`, ...keys, ...measured].join(', ')} from (
    select ${[...select.columns.values(), 'true as one'].join(', ')} from ${shape.table} l where ${filterSql(shape, tenant, filter, put)}
  ) matched group by grouping sets (${[...new Set(sets)].join(', ')})`
  const order = [
    ...(measures.length > 0 ? ['m0 desc nulls last'] : []),
    ...keys.map((_, index) => `k${index} nulls last`),
  ]
  const tops = mine
    .filter((grouping) => grouping.top !== undefined)
    .map((grouping) => `when ${maskOf(grouping)} then ${put(grouping.top)}::bigint`)
  const ranked = `select *, row_number() over (partition by mask${order.length > 0 ? ` order by ${order.join(', ')}` : ''}) as rank from (${grouped}) g`
  const cut = tops.length > 0 ? ` where rank <= case mask ${tops.join(' ')} else rank end` : ''
  return {
    text: `select * from (${ranked}) r${cut} order by mask, rank`,
    values: list,
    answers,
    rows(index, found) {
      const grouping = groupings[index] as Grouping
      const wanted = maskOf(grouping)
      return found
        .filter((row) => Number(row.mask) === wanted)
        .map((row) => ({
          key: grouping.by.map((one) => (row[`k${names.indexOf(nameOf(one))}`] ?? null) as Scalar),
          values: Object.fromEntries(
            measures.map((name, at) => [name, (row[`m${at}`] ?? null) as number | null]),
          ),
        }))
    },
  }
}
