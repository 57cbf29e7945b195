import type { z } from 'zod'
import type { feeds, Topic } from '../contract.ts'

type Asked<T extends string> = T extends `${infer Area}/:${string}` ? `${Area}/${string}` : T

/** What a stream can be asked for: a topic, or one that meets a pattern, such as `functions.change/tickets`. */
export type AskedTopic = { readonly [K in Topic]: Asked<K> }[Topic]

/** The topic or pattern of the contract that a topic meets. */
type Meant<T extends AskedTopic> = { readonly [K in Topic]: T extends Asked<K> ? K : never }[Topic]

type SnapshotOf<T extends AskedTopic> = z.output<(typeof feeds)[Meant<T>]['snapshot']>
type DeltaOf<T extends AskedTopic> = z.output<(typeof feeds)[Meant<T>]['delta']>

export type Snapshot<T extends AskedTopic> = {
  readonly [K in T]: { type: 'snapshot'; topic: K; position: number } & SnapshotOf<K>
}[T]
export type Delta<T extends AskedTopic> = {
  readonly [K in T]: { type: 'delta'; topic: K; position: number } & DeltaOf<K>
}[T]

/** Something of a topic could not be sent; a snapshot follows. */
export interface Gap<T extends AskedTopic> {
  readonly type: 'gap'
  readonly topic: T
  /** Null where it begins is not known. */
  readonly from: number | null
  readonly to: number
  readonly reason: 'slow' | 'pruned' | 'too_far' | 'unknown'
}

/** The server ends the stream. After `drain` and `slow` the client comes back by itself. */
export interface Bye {
  readonly type: 'bye'
  readonly reason: 'revoked' | 'drain' | 'slow'
}

/** What the live feed sends, typed by its topic; of one with a name in it, `topic` is as it was asked for. */
export type StreamEvent<T extends AskedTopic = AskedTopic> = Snapshot<T> | Delta<T> | Gap<T> | Bye

/** `connecting`: not there yet, for less than 5 s. `stale`: for longer. `closed`: it will not come back by itself. */
export type StreamStatus = 'connecting' | 'live' | 'stale' | 'closed'
