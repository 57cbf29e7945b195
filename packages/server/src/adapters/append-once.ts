import type { Entry, Verdict } from '../ports/log.ts'

/** One waiting call of `append`. */
export interface AppendRequest {
  readonly tenant: string
  readonly entries: readonly Entry[]
}

/** What the engine holds under an id, and whether this very commit put it there. */
export interface Placed {
  readonly position: number
  readonly receivedAt: number
  readonly digest: string
  readonly fresh: boolean
}

/** The key of an id within its tenant; a tenant holds no space. */
export function placeKey(tenant: string, id: string): string {
  return `${tenant} ${id}`
}

/** The first entry of each id among the requests, by tenant, in the order they came. */
export function firstsByTenant(requests: readonly AppendRequest[]): Map<string, Entry[]> {
  const seenByTenant = new Map<string, Set<string>>()
  const firsts = new Map<string, Entry[]>()
  for (const { tenant, entries } of requests) {
    const mine = firsts.get(tenant) ?? []
    firsts.set(tenant, mine)
    const seen = seenByTenant.get(tenant) ?? new Set()
    seenByTenant.set(tenant, seen)
    for (const entry of entries) {
      if (seen.has(entry.id)) continue
      seen.add(entry.id)
      mine.push(entry)
    }
  }
  return firsts
}

/** The verdicts of each request once every id has its place. The first entry of a fresh id was accepted. */
export function verdictsOf(
  requests: readonly AppendRequest[],
  placed: ReadonlyMap<string, Placed>,
): Verdict[][] {
  const taken = new Set<string>()
  return requests.map(({ tenant, entries }) =>
    entries.map((entry) => {
      const key = placeKey(tenant, entry.id)
      const place = placed.get(key)
      if (place === undefined) throw new Error('an appended entry has no place')
      const { position, receivedAt } = place
      if (place.fresh && !taken.has(key)) {
        taken.add(key)
        return { status: 'accepted', position, receivedAt }
      }
      return { status: place.digest === entry.digest ? 'duplicate' : 'conflict', position, receivedAt }
    }),
  )
}
