import type { ArrayName } from '@quarterdeck/sdk/contract/record'
import type { NeedsYou } from '@quarterdeck/sdk/contract/state'
import { compareText } from './compare-text.ts'
import { shownStatus } from './covered-gates.ts'
import { isFresh } from './liveness.ts'
import { heardProducers } from './producers.ts'
import type { RecordsState } from './records-state.ts'
import { shownField } from './shown-fields.ts'
import type { Tracked } from './tracked.ts'

const minute = 60_000
const listed: Partial<Record<ArrayName, ReadonlySet<string>>> = {
  processes: new Set(['paused', 'blocked', 'needs_input', 'review_pending']),
  claims: new Set(['stale', 'disputed']),
}
/** Statuses in which an open gate waits for nobody. */
const quietGates: ReadonlySet<string> = new Set(['routed_back'])
/** Statuses in which an open process only waits for others. */
const quietProcesses: ReadonlySet<string> = new Set(['not_started', 'waiting'])
const watched: readonly ArrayName[] = ['processes', 'gates', 'claims', 'reviewItems', 'exceptions', 'actions']

/** What a person should look at now, the longest waiting first. */
export function needsYou(state: RecordsState, covered: ReadonlySet<Tracked>, now: number): NeedsYou[] {
  const found: { since: number; need: Omit<NeedsYou, 'since'> }[] = []
  const alive = new Set<string>()
  for (const hold of state.liveness.values()) if (isFresh(hold, now)) alive.add(hold.subjectId)
  for (const kind of watched)
    for (const object of state.tables[kind].open) {
      const status = shownStatus(object, covered, now)
      const why = whyOf(object, status, alive, now)
      if (why === null) continue
      const label = shownField(object, 'label') ?? shownField(object, 'title')
      found.push({
        since: why === 'unheard' ? object.heardAt : object.since,
        need: {
          kind,
          product: object.product,
          id: object.id,
          ...(typeof label === 'string' ? { label } : {}),
          why,
        },
      })
    }
  for (const { product, id, lastSeen } of heardProducers(state.producers)) {
    const silent = now - lastSeen
    if (silent > 60 * minute && silent <= 24 * 60 * minute)
      found.push({ since: lastSeen, need: { kind: 'producers', product, id, why: 'unheard' } })
  }
  return found
    .sort(
      (a, b) =>
        a.since - b.since ||
        compareText(a.need.kind, b.need.kind) ||
        compareText(a.need.product, b.need.product) ||
        compareText(a.need.id, b.need.id),
    )
    .map(({ since, need }) => ({ ...need, since: new Date(since).toISOString() }))
}

/** Why a person should look at an object: its status, or that nothing is heard of it. An unlisted status is open. */
function whyOf(
  object: Tracked,
  status: string | null,
  alive: ReadonlySet<string>,
  now: number,
): string | null {
  const named = status ?? 'open'
  switch (object.array) {
    case 'gates':
      return status === 'accepted_by_exception' || quietGates.has(named) ? null : named
    case 'processes':
      if (listed.processes?.has(named)) return named
      if (quietProcesses.has(named) || alive.has(object.id)) return null
      return now - object.heardAt > 30 * minute ? 'unheard' : null
    case 'claims':
      return listed.claims?.has(named) ? named : null
    default:
      return named
  }
}
