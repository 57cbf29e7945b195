import { fault } from '@quarterdeck/sdk/errors'
import type { Clause, Filter, Log } from '../../ports/log.ts'
import type { Facet } from './facets.ts'
import type { Window } from './window.ts'

/** Any read of telemetry may take so long; then it fails as a whole. */
export const patience = 10_000

/** The entries a query means: within its window, up to a head, and passing its filters. */
export function matching(
  input: { readonly q?: string | undefined; readonly filter: readonly string[] },
  facets: readonly Facet[],
  window: Window,
  head: number,
): Filter {
  const text = input.q === undefined || input.q === '' ? {} : { text: input.q }
  return { ...window, upTo: head, ...text, where: clausesOf(input.filter, facets) }
}

/** One clause a facet: its values are alternatives, and all facets must hold. */
export function clausesOf(filters: readonly string[], facets: readonly Facet[]): Clause[] {
  const wanted = new Map<string, string[]>()
  for (const [index, filter] of filters.entries()) {
    const colon = filter.indexOf(':')
    const id = filter.slice(0, colon)
    const facet = facets.find((one) => one.id === id)
    if (facet === undefined)
      throw fault('invalid', undefined, {
        issues: [{ path: ['filter', index], message: 'names no facet there is' }],
      })
    const values = wanted.get(facet.attribute) ?? []
    wanted.set(facet.attribute, [...values, filter.slice(colon + 1)])
  }
  return [...wanted].map(([attribute, values]) => ({ attribute, in: values }))
}

/** The same entries, of which one more clause holds. */
export function narrowed(filter: Filter, ...clauses: readonly Clause[]): Filter {
  return { ...filter, where: [...(filter.where ?? []), ...clauses] }
}

/** Runs a read of the log; one that outran its time is `query_too_slow`. */
export async function inTime<Answer>(read: Promise<Answer>): Promise<Answer> {
  try {
    return await read
  } catch (error) {
    if (error instanceof Error && error.name === 'TooSlow')
      throw fault('query_too_slow', undefined, { cause: error })
    throw error
  }
}

export type Aggregate = (
  filter: Filter,
  groupings: Parameters<Log['aggregate']>[2],
) => ReturnType<Log['aggregate']>

/** The aggregates of one tenant's telemetry. */
export function aggregatesOf(log: Log, tenant: string): Aggregate {
  return (filter, groupings) => inTime(log.aggregate(tenant, filter, groupings, patience))
}
