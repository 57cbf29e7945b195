import type { At } from '@quarterdeck/sdk/contract/paging'
import { fault } from '@quarterdeck/sdk/errors'
import type { Folded, Projection } from '../../core/projection.ts'
import type { Log } from '../../ports/log.ts'
import type { RecordsState, Touched } from './fold/records-fold.ts'

export type RecordsProjection = Projection<RecordsState, Touched>

/** A state with the clock it is to be seen by. */
export interface Seen {
  readonly folded: Folded<RecordsState>
  readonly now: number
  /** Whether time since the position may have been pruned of liveness. */
  readonly past: boolean
}

/** The position that `at` means; an instant is the last entry received by then. */
export async function positionOf(log: Log, tenant: string, at: At): Promise<number> {
  if (typeof at === 'string') return log.positionAt(tenant, Date.parse(at))
  const head = await log.head(tenant)
  if (at > head) throw fault('position_ahead', undefined, { members: { head } })
  return at
}

/** The state at a position or instant, seen by the clock of its last entry; without `at` the live one, seen now. */
export async function seenAt(
  needs: {
    readonly log: Log
    readonly projection: RecordsProjection
    readonly now: () => number
    /** The newest position that this process acknowledged; what was told here is seen here. */
    readonly acknowledged: (tenant: string) => number
  },
  tenant: string,
  at: At | undefined,
): Promise<Seen> {
  const { log, projection, now } = needs
  try {
    if (at === undefined) {
      await projection.reached(tenant, needs.acknowledged(tenant), 500)
      return { folded: await projection.live(tenant), now: now(), past: false }
    }
    const position = await positionOf(log, tenant, at)
    const live = await projection.live(tenant)
    // A replica may be a moment behind the write that its caller just made elsewhere.
    if (position > live.position) await projection.reached(tenant, position, 2_000)
    const folded = position === live.position ? live : await projection.at(tenant, position)
    return { folded, now: folded.receivedAt ?? 0, past: true }
  } catch (error) {
    if (error instanceof Error && error.name === 'Fault') throw error
    throw fault('state_unavailable', undefined, { cause: error })
  }
}
