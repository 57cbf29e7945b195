import { type CallOptions, type Connection, call } from './client/call.ts'
import { type Pause, pause } from './client/pause.ts'
import { openStream, type Stream, type StreamOptions } from './client/stream.ts'
import { type Contract, contract, type Topic } from './contract.ts'
import type { InputOf, Operation, OutputOf } from './operation.ts'

export type { CallOptions } from './client/call.ts'
export type { Stream, StreamOptions } from './client/stream.ts'
export type { Bye, Delta, Gap, Snapshot, StreamEvent, StreamStatus } from './client/stream-event.ts'

export interface ClientOptions {
  /** The server's origin; empty in a browser: the page's own. */
  readonly url: string
  /** A token, or where to find the newest one. Absent: the cookie of the page. */
  readonly token?: string | (() => string | undefined)
  readonly fetch?: typeof fetch
  readonly now?: () => number
  readonly random?: () => number
  readonly pause?: Pause
}

/** The input may be left out where all of it is optional; a body of any shape may not. */
export type Call<O> =
  unknown extends InputOf<O>
    ? (input: InputOf<O>, options?: CallOptions) => Promise<OutputOf<O>>
    : Record<never, never> extends InputOf<O>
      ? (input?: InputOf<O>, options?: CallOptions) => Promise<OutputOf<O>>
      : (input: InputOf<O>, options?: CallOptions) => Promise<OutputOf<O>>

/** Every operation of the contract as `client.<area>.<verb>(input)`, and the live feed. Failures are `Fault`s. */
export type Client = {
  readonly [Area in keyof Contract]: { readonly [Verb in keyof Contract[Area]]: Call<Contract[Area][Verb]> }
} & {
  /** An operation known only at run time. */
  readonly call: (operation: Operation, input: unknown, options?: CallOptions) => Promise<unknown>
  /** Follows topics and comes back by itself, where it was, after each cut. */
  readonly stream: <const T extends Topic>(topics: readonly T[], options: StreamOptions<T>) => Stream
}

/** A typed client of one server. It holds no state: each call is one request, and a stream resumes by itself. */
export function createClient(options: ClientOptions): Client {
  const connection: Connection = {
    url: options.url,
    ...(options.token === undefined ? {} : { token: options.token }),
    // Called as a bare function: browsers refuse a fetch that was torn from its window.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    now: options.now ?? Date.now,
  }
  const areas = Object.entries(contract).map(([area, verbs]) => [
    area,
    Object.fromEntries(
      Object.entries<Operation>(verbs).map(([verb, operation]) => [
        verb,
        (input: unknown, more?: CallOptions) => call(connection, operation, input, more),
      ]),
    ),
  ])
  const followed = { ...connection, pause: options.pause ?? pause, random: options.random ?? Math.random }
  return {
    ...Object.fromEntries(areas),
    call: (operation, input, more) => call(connection, operation, input, more),
    stream: (topics, more) => openStream(followed, topics, more),
  }
}
