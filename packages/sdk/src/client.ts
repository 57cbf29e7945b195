import { type AppClient, createAppClient } from './client/app-client.ts'
import { type CallOptions, type Connection, call } from './client/call.ts'
import { newKey } from './client/new-key.ts'
import { type Pause, pause } from './client/pause.ts'
import { openStream, type Stream, type StreamOptions } from './client/stream.ts'
import type { AskedTopic } from './client/stream-event.ts'
import { type Contract, contract } from './contract.ts'
import type { ClientApp } from './functions/client-app.ts'
import type { InputOf, Operation, OutputOf } from './operation.ts'

export type { AppClient } from './client/app-client.ts'
export type { CallOptions } from './client/call.ts'
export type { Changes, ChangesOptions, RowChange } from './client/changes.ts'
export type { LiveFunction, LiveOptions, LiveResult } from './client/live.ts'
export type { RpcFunction, RpcOptions } from './client/rpc.ts'
export type { Stream, StreamOptions } from './client/stream.ts'
export type {
  AskedTopic,
  Bye,
  Delta,
  Gap,
  Snapshot,
  StreamEvent,
  StreamStatus,
} from './client/stream-event.ts'
export type { Transaction, TransactionOptions } from './client/transaction.ts'
export type { AnswerOf, ArgsOf, ClientApp, RawAnswer } from './functions/client-app.ts'

export interface ClientOptions {
  /** The server's origin; empty in a browser: the page's own. */
  readonly url: string
  /** A token, or where to find the newest one. Absent: the cookie of the page. */
  readonly token?: string | (() => string | undefined)
  readonly fetch?: typeof fetch
  readonly now?: () => number
  readonly random?: () => number
  readonly pause?: Pause
  /** Makes the `Idempotency-Key` of a write. */
  readonly newKey?: () => string
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
  readonly stream: <const T extends AskedTopic>(topics: readonly T[], options: StreamOptions<T>) => Stream
}

/**
 * A typed client of one server. A call is one request, and a stream resumes by itself. With the `app` that
 * `quarterdeck build` writes into `dist/client`, its functions are there too: `rpc`, `live`, `changes`, `transaction`.
 */
export function createClient<Modules, Name extends PropertyKey, LiveName extends PropertyKey>(
  options: ClientOptions & { readonly app: ClientApp<Modules, Name, LiveName> },
): Client & AppClient<Modules, Name, LiveName>
export function createClient(options: ClientOptions): Client
export function createClient<Modules, Name extends PropertyKey, LiveName extends PropertyKey>(
  options: ClientOptions & { readonly app?: ClientApp<Modules, Name, LiveName> },
): Client | (Client & AppClient<Modules, Name, LiveName>) {
  const connection = {
    url: options.url,
    ...(options.token === undefined ? {} : { token: options.token }),
    // Called as a bare function: browsers refuse a fetch that was torn from its window.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    now: options.now ?? Date.now,
    pause: options.pause ?? pause,
    random: options.random ?? Math.random,
    newKey: options.newKey ?? newKey,
  } satisfies Connection & Record<string, unknown>
  const areas = Object.entries(contract).map(([area, verbs]) => [
    area,
    Object.fromEntries(
      Object.entries<Operation>(verbs).map(([verb, operation]) => [
        verb,
        (input: unknown, more?: CallOptions) => call(connection, operation, input, more),
      ]),
    ),
  ])
  const client: Client = {
    ...Object.fromEntries(areas),
    call: (operation, input, more) => call(connection, operation, input, more),
    stream: (topics, more) => openStream(connection, topics, more),
  }
  return options.app === undefined ? client : { ...client, ...createAppClient(connection, options.app) }
}
