import type { Delta } from '@quarterdeck/sdk/client'
import type { OperatingState, StateObject } from '@quarterdeck/sdk/contract/state'

export type Change = Delta<'state'>['changes'][number]
type Kind = Change['kind']

/**
 * The state after some changes. Objects and counts are exact as long as their array is whole; what depends on the
 * clock or on other records (needsYou, actors, the stage) stays as it was, until the next whole state.
 */
export function applyChanges(
  state: OperatingState,
  position: number,
  changes: readonly Change[],
): OperatingState {
  const next: OperatingState = { ...state, position, counts: { ...state.counts } }
  for (const [kind, ofKind] of Map.groupBy(changes, (change) => change.kind)) {
    const objects = new Map(state[kind].map((object) => [keyOf(object), object]))
    for (const { product, id, object } of ofKind) {
      const key = keyOf({ product, id })
      recount(next, kind, objects.get(key), object)
      if (object === null) objects.delete(key)
      else objects.set(key, object)
    }
    next[kind] = [...objects.values()]
  }
  return next
}

function recount(
  state: OperatingState,
  kind: Kind,
  before: StateObject | undefined,
  after: StateObject | null,
) {
  // An object that was cut from the array is counted already; whether this is one cannot be told here.
  if (before === undefined && state.truncated.includes(kind)) return
  const counts = state.counts[kind] ?? { total: 0, byStatus: {} }
  const byStatus = { ...counts.byStatus }
  const add = (object: StateObject, by: 1 | -1) => {
    const status = statusOf(kind, object)
    if (status === undefined) return
    const count = (byStatus[status] ?? 0) + by
    if (count > 0) byStatus[status] = count
    else delete byStatus[status]
  }
  if (before !== undefined) add(before, -1)
  if (after !== null) add(after, 1)
  const total = counts.total + (after === null ? 0 : 1) - (before === undefined ? 0 : 1)
  state.counts[kind] = { total: Math.max(0, total), byStatus }
}

/** An inquiry has an outcome in the place of a status. */
function statusOf(kind: Kind, object: StateObject): string | undefined {
  const status = kind === 'inquiries' ? object.outcome : object.status
  return typeof status === 'string' ? status : undefined
}

function keyOf({ product, id }: { readonly product: string; readonly id: string }): string {
  return JSON.stringify([product, id])
}
