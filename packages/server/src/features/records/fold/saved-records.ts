import type { ArrayName, Link, Ref, Tier } from '@quarterdeck/sdk/contract/record'
import type { EconomicsState } from './economics-fold.ts'
import type { Hold } from './liveness.ts'
import type { SequenceTrack } from './sequence-gaps.ts'
import type { TimelineItem } from './timeline.ts'
import type { Fields, Slot, Tracked } from './tracked.ts'

/** One object as it is saved; a tuple, for there may be many. */
export type SavedObject = [
  product: string,
  id: string,
  fields: Fields,
  removed: string[] | 0,
  reason: string | 0,
  refs: Ref[] | 0,
  links: Link[] | 0,
  touched: number,
  occurredAt: number,
  sequence: number,
  producer: Tracked['producer'],
  tier: Tier,
  heardAt: number,
  status: string | null,
  since: number,
]

export type SavedView = [
  array: ArrayName,
  product: string,
  id: string,
  fields: Fields,
  above: 0 | 1,
  overridden: string[] | 0,
]

/** The folded state as a checkpoint holds it. It is read only by the code that wrote it. */
export interface SavedRecords {
  position: number
  at: number
  tables: [array: ArrayName, objects: SavedObject[]][]
  asOf: {
    young: [ids: string[], positions: number[]]
    old: [ids: string[], positions: number[]]
    positions: number[]
    times: number[]
  }
  slots: [key: string, slot: Omit<Slot, 'covers'>, views: SavedView[]][]
  timeline: TimelineItem[]
  liveness: Hold[]
  producers: {
    product: string
    id: string
    lastSeen: number
    counts: Record<string, number>
    streams: [string, SequenceTrack][]
  }[]
  economics: EconomicsState
}
