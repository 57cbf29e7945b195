import type { Condition } from './conditions.ts'
import type { TableItem } from './tables-query.ts'

type Indexes = TableItem['indexes']

/**
 * The fields that rows can be ordered by while conditions hold: those of an index up to the first that no equality
 * fixes. Without an index none; rows then come by their ids.
 */
export function orderable(indexes: Indexes, conditions: readonly Condition[]): string[] {
  const fixed = new Set(conditions.filter(({ operator }) => operator === 'eq').map(({ field }) => field))
  const fields = Object.values(indexes).flatMap(({ on }) => {
    const open = on.findIndex((field) => !fixed.has(field))
    return open === -1 ? on : on.slice(0, open + 1)
  })
  return [...new Set(fields)]
}

/** The fields that an index begins with: a condition on one of them is what lets others be asked. */
export function leading(indexes: Indexes): string[] {
  return [...new Set(Object.values(indexes).flatMap(({ on }) => on.slice(0, 1)))]
}

/** An index in words: `byState: state, title (unique)`. */
export function indexText([name, { on, unique }]: readonly [string, Indexes[string]]): string {
  return `${name}: ${on.join(', ')}${unique ? ' (unique)' : ''}`
}
