import type { z } from 'zod'
import type { feeds, Topic } from '../contract.ts'

type SnapshotOf<T extends Topic> = z.output<(typeof feeds)[T]['snapshot']>
type DeltaOf<T extends Topic> = z.output<(typeof feeds)[T]['delta']>

export type Snapshot<T extends Topic> = {
  readonly [K in T]: { type: 'snapshot'; topic: K; position: number } & SnapshotOf<K>
}[T]
export type Delta<T extends Topic> = {
  readonly [K in T]: { type: 'delta'; topic: K; position: number } & DeltaOf<K>
}[T]

/** Something of a topic could not be sent; a snapshot follows. */
export interface Gap<T extends Topic> {
  readonly type: 'gap'
  readonly topic: T
  readonly from: number
  readonly to: number
  readonly reason: 'slow' | 'pruned' | 'too_far' | 'unknown'
}

/** The server ends the stream. After `drain` and `slow` the client comes back by itself. */
export interface Bye {
  readonly type: 'bye'
  readonly reason: 'revoked' | 'drain' | 'slow'
}

/** What the live feed sends, typed by its topic. */
export type StreamEvent<T extends Topic = Topic> = Snapshot<T> | Delta<T> | Gap<T> | Bye

/** `connecting`: not there yet, for less than 5 s. `stale`: for longer. `closed`: it will not come back by itself. */
export type StreamStatus = 'connecting' | 'live' | 'stale' | 'closed'
