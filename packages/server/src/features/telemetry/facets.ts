import { attributeOf } from './columns.ts'

/** A dimension records can be narrowed by. */
export interface Facet {
  readonly id: string
  readonly label: string
  /** The attribute of an entry. */
  readonly attribute: string
  /** Values shown at most. */
  readonly limit: number
}

export const valuesShown = 12

const own = (id: string, label: string, attribute: string): Facet => ({
  id,
  label,
  attribute,
  limit: valuesShown,
})

/** The facets every deployment has. */
export const ownFacets: readonly Facet[] = [
  own('project', 'Project', 'project'),
  own('tool', 'Tool', 'tool'),
  own('runtime', 'Runtime', 'runtime'),
  own('model', 'Model', 'model'),
  own('agent', 'Agent', 'agent'),
  own('event', 'Event', 'event_type'),
  own('outcome', 'Outcome', 'outcome'),
  own('hook', 'Hook', 'hook.name'),
  own('delegation', 'Delegation', 'delegation.role'),
  own('status', 'Status', 'status'),
]

/** The facets of a deployment: its own, then those of descriptors. A later one of the same id takes the place. */
export function facetsOf(
  described: readonly {
    id: string
    label?: string | undefined
    attribute: string
    limit?: number | undefined
  }[],
): Facet[] {
  const facets = new Map(ownFacets.map((facet) => [facet.id, facet]))
  for (const { id, label, attribute, limit } of described)
    facets.set(id, {
      id,
      label: label ?? id,
      attribute: attributeOf(attribute),
      limit: Math.min(limit ?? valuesShown, valuesShown),
    })
  return [...facets.values()]
}
