import type { LivenessRecord } from '@quarterdeck/sdk/contract/record'
import type { Working } from '@quarterdeck/sdk/contract/state'
import { compareText } from './compare-text.ts'
import { instantOf } from './instant-of.ts'

/** The newest word of one actor on one subject. Times are Unix ms. */
export interface Hold {
  readonly actor: string
  readonly subjectId: string
  readonly at: number
  readonly ttlSeconds: number
  readonly released: boolean
  /** Its time lay too far ahead when it came: it is never fresh. */
  readonly ahead: boolean
}

export type LivenessState = Map<string, Hold>

const remembered = 86_400_000
const tolerated = 300_000
const sweepEvery = 4_096

/** Takes in one claim, heartbeat or release. */
export function applyLiveness(holds: LivenessState, record: LivenessRecord, receivedAt: number): void {
  const at = instantOf(record.at, receivedAt)
  const key = JSON.stringify([record.actor, record.subjectId])
  const before = holds.get(key)
  const released = record.type === 'release'
  if (before !== undefined && (at < before.at || (at === before.at && before.released))) return
  holds.set(key, {
    actor: record.actor,
    subjectId: record.subjectId,
    at,
    ttlSeconds: record.ttlSeconds ?? 1_800,
    released,
    ahead: at > receivedAt + tolerated,
  })
  if (before === undefined && holds.size % sweepEvery === 0) sweep(holds, receivedAt)
}

/** Forgets what no present can show any more: a day past, and one more for clocks that differ. */
function sweep(holds: LivenessState, now: number): void {
  for (const [key, hold] of holds) if (now - hold.at > 2 * remembered) holds.delete(key)
}

/** Who works now, and whose work may be taken over; the newest first. */
export function presentLiveness(
  holds: LivenessState,
  now: number,
): { actors: Working[]; reclaimableActors: Working[] } {
  const actors: Working[] = []
  const reclaimableActors: Working[] = []
  const byAge = (a: Hold, b: Hold) =>
    b.at - a.at || compareText(a.actor, b.actor) || compareText(a.subjectId, b.subjectId)
  for (const hold of [...holds.values()].sort(byAge)) {
    const age = now - hold.at
    if (hold.released || age > remembered) continue
    const fresh = isFresh(hold, now)
    const { actor, subjectId, ttlSeconds } = hold
    const at = new Date(hold.at).toISOString()
    if (fresh) actors.push({ actor, subjectId, at, ttlSeconds, state: 'fresh' })
    else reclaimableActors.push({ actor, subjectId, at, ttlSeconds, state: 'reclaimable' })
  }
  return { actors, reclaimableActors }
}

/** Whether a hold still stands. */
export function isFresh(hold: Hold, now: number): boolean {
  return !hold.released && !hold.ahead && now - hold.at <= hold.ttlSeconds * 1_000
}
