import type { Clause, Filter, Scalar, Stored } from '../../ports/log.ts'
import { containsText } from '../contains-text.ts'

/** The text form of an attribute, as facets and clauses compare it. */
export function textOf(value: Scalar | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

function matchesClause(entry: Stored, clause: Clause): boolean {
  const value = textOf(entry.attributes[clause.attribute])
  if ('in' in clause) return clause.in.some((wanted) => textOf(wanted) === value)
  return value?.includes(clause.includes) ?? false
}

/** Whether an entry matches all clauses. */
export function matchesAll(entry: Stored, clauses: readonly Clause[] | undefined): boolean {
  return clauses === undefined || clauses.every((clause) => matchesClause(entry, clause))
}

/** Whether an entry passes a filter. */
export function passes(entry: Stored, filter: Filter): boolean {
  return (
    (filter.from === undefined || entry.occurredAt >= filter.from) &&
    (filter.to === undefined || entry.occurredAt < filter.to) &&
    (filter.after === undefined || entry.position > filter.after) &&
    (filter.upTo === undefined || entry.position <= filter.upTo) &&
    matchesAll(entry, filter.where) &&
    (filter.text === undefined || containsText(entry.payload, filter.text.toLowerCase()))
  )
}
