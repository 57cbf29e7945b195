import type { AggregateRow, Dimension, Grouping, Measure, Scalar, Stored } from '../../ports/log.ts'
import { nearestRank } from '../nearest-rank.ts'
import { matchesAll, textOf } from './log-match.ts'

function keyOf(entry: Stored, dimension: Dimension): Scalar {
  if (typeof dimension === 'string') return textOf(entry.attributes[dimension])
  return Math.floor(entry.occurredAt / dimension.bucket) * dimension.bucket
}

function measured(entries: readonly Stored[], measure: Measure): number | null {
  if (measure.op === 'count') return entries.filter((entry) => matchesAll(entry, measure.where)).length
  const values = entries
    .filter((entry) => measure.op === 'percentile' || matchesAll(entry, measure.where))
    .map((entry) => entry.attributes[measure.attribute] ?? null)
    .filter((value) => value !== null)
  if (measure.op === 'present') return values.length
  if (measure.op === 'distinct') return new Set(values.map(String)).size
  const numbers = values.map(Number)
  if (measure.op === 'percentile') return nearestRank(numbers, measure.p)
  if (numbers.length === 0) return null
  if (measure.op === 'sum') return numbers.reduce((sum, value) => sum + value, 0)
  return numbers.reduce((best, value) =>
    measure.op === 'min' ? Math.min(best, value) : Math.max(best, value),
  )
}

/** By the first measure, greatest first (null last), then by key (null last). */
export function inOrder(measures: readonly string[]): (a: AggregateRow, b: AggregateRow) => number {
  const first = measures[0]
  return (a, b) => {
    const [x, y] = first === undefined ? [0, 0] : [a.values[first] ?? null, b.values[first] ?? null]
    if (x !== y) return x === null ? 1 : y === null ? -1 : y - x
    for (const [index, left] of a.key.entries()) {
      const right = b.key[index] ?? null
      if (left === right) continue
      if (left === null) return 1
      if (right === null) return -1
      if (typeof left === 'number' && typeof right === 'number') return left - right
      return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)))
    }
    return 0
  }
}

/** One grouping over entries that matched already. Without dimensions there is one row, of nothing too. */
export function aggregateEntries(entries: readonly Stored[], grouping: Grouping): AggregateRow[] {
  const groups = new Map<string, { key: Scalar[]; entries: Stored[] }>()
  if (grouping.by.length === 0) groups.set('[]', { key: [], entries: [] })
  for (const entry of entries) {
    const key = grouping.by.map((dimension) => keyOf(entry, dimension))
    const name = JSON.stringify(key)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, { key, entries: [entry] })
    else group.entries.push(entry)
  }
  const rows = [...groups.values()].map((group) => ({
    key: group.key,
    values: Object.fromEntries(
      Object.entries(grouping.measures).map(([name, measure]) => [name, measured(group.entries, measure)]),
    ),
  }))
  return rows.sort(inOrder(Object.keys(grouping.measures))).slice(0, grouping.top ?? rows.length)
}
