import type { AnswerOf, ArgsOf, ClientFunction } from '../functions/client-app.ts'
import { answerOf } from './answer-of.ts'
import { type Connection, headersOf, reach } from './call.ts'
import { encodeArguments } from './encode-arguments.ts'
import { type RepeatNeeds, repeated } from './repeated.ts'

/** What one call may say beside its arguments. */
export interface RpcOptions {
  readonly signal?: AbortSignal
  /** Of a write; one is made for each call unless said. The same key in another life repeats the same call. */
  readonly idempotencyKey?: string
  /** How long the caller waits in all, ms. */
  readonly deadlineMs?: number
  /** How often it is made anew after a conflict or a lost answer; 5 unless said. */
  readonly repeats?: number
}

/** A function of the app: called with its arguments, or with options first: `fn.with({ deadlineMs: 500 })(…args)`. */
export interface RpcFunction<Args extends readonly unknown[], Answer> {
  (...args: Args): Promise<Answer>
  with(options: RpcOptions): (...args: Args) => Promise<Answer>
}

/** Every function of the app that can be called. */
export type Rpc<Modules, Name extends PropertyKey> = {
  readonly [Key in Name & keyof Modules]: RpcFunction<ArgsOf<Modules[Key]>, AnswerOf<Modules[Key]>>
}

export interface RpcNeeds extends Connection, RepeatNeeds {
  readonly newKey: () => string
}

/** Performs one call of a function. `session`: within a transaction, where nothing is repeated. */
export type CallFunction = (
  name: string,
  args: readonly unknown[],
  options: RpcOptions,
  session?: string,
) => Promise<unknown>

/** Makes the way to functions of the server. Reads are repeated when their answer is lost, writes under one key. */
export function createCallFunction(
  needs: RpcNeeds,
  functions: Readonly<Record<string, ClientFunction>>,
): CallFunction {
  return (name, args, options, session) => {
    const body = encodeArguments(args)
    const key =
      functions[name]?.writes === true && session === undefined
        ? (options.idempotencyKey ?? needs.newKey())
        : undefined
    const until = options.deadlineMs === undefined ? undefined : needs.now() + options.deadlineMs
    const limits = {
      ...(until === undefined ? {} : { until }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      repeats: session === undefined ? (options.repeats ?? 5) : 0,
    }
    return repeated(needs, limits, async () => {
      const headers = headersOf(needs)
      headers.set('accept', '*/*')
      headers.set('content-type', 'application/json')
      if (key !== undefined) headers.set('idempotency-key', key)
      if (session !== undefined) headers.set('x-session-id', session)
      if (until !== undefined) headers.set('x-deadline-ms', String(Math.max(1, until - needs.now())))
      const response = await reach(needs, `/rpc/${encodeURIComponent(name)}`, {
        method: 'POST',
        headers,
        body,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      })
      return answerOf(response, needs.now())
    })
  }
}

/** One function for each name. A plain object: a name that is not there is undefined, `then` above all. */
export function rpcOf(
  functions: Readonly<Record<string, ClientFunction>>,
  callFunction: CallFunction,
  session?: string,
): Readonly<Record<string, RpcFunction<unknown[], unknown>>> {
  const entries = Object.keys(functions).map((name) => {
    const withOptions =
      (options: RpcOptions) =>
      (...args: unknown[]) =>
        callFunction(name, args, options, session)
    return [name, Object.assign(withOptions({}), { with: withOptions })] as const
  })
  return Object.freeze(Object.assign(Object.create(null), Object.fromEntries(entries)))
}
