import { type Fault, fault } from '../errors.ts'
import type { AnswerOf, ArgsOf, ClientFunction } from '../functions/client-app.ts'
import { base64url, encodeArguments } from './encode-arguments.ts'
import { faultOfProblem } from './fault-of.ts'
import type { Follower } from './shared-stream.ts'
import type { StreamStatus } from './stream-event.ts'

/** A result, and the number of the commit that it stands at, which never falls. */
export interface LiveResult<Answer> {
  readonly result: Answer
  readonly position: number
}

export interface LiveOptions {
  /**
   * A run that failed, after which the query goes on; or the refusal that ended it, after which the status is `closed` and
   * only asking anew would bring it back.
   */
  readonly onProblem?: (fault: Fault) => void
  readonly onStatus?: (status: StreamStatus) => void
  readonly signal?: AbortSignal
}

/** Follows a function's result until the function that it gives is called. */
export type LiveFunction<Args extends readonly unknown[], Answer> = (
  args: Readonly<Args>,
  onResult: (result: LiveResult<Answer>) => void,
  options?: LiveOptions,
) => () => void

/** Every function of the app that can be followed. */
export type Live<Modules, Name extends PropertyKey> = {
  readonly [Key in Name & keyof Modules]: LiveFunction<ArgsOf<Modules[Key]>, AnswerOf<Modules[Key]>>
}

/** What a live topic sends: whole results. */
export interface LiveEvent {
  readonly type: string
  readonly position?: number
  readonly result?: unknown
  readonly problem?: unknown
}

/** One function for each name that can be followed. */
export function liveOf(
  functions: Readonly<Record<string, ClientFunction>>,
  follow: (topic: LiveTopic, follower: Follower<LiveEvent>) => () => void,
): Readonly<Record<string, LiveFunction<unknown[], unknown>>> {
  const entries = Object.entries(functions)
    .filter(([, { live }]) => live)
    .map(([name]): [string, LiveFunction<unknown[], unknown>] => [
      name,
      (args, onResult, options = {}) => {
        if (options.signal?.aborted) return () => {}
        let seen = -1
        let known: StreamStatus | undefined
        const stop = follow(liveTopic(name, args), {
          onEvent({ type, position = 0, result, problem }) {
            if (type !== 'snapshot') return
            if (problem !== undefined) {
              seen = -1
              options.onProblem?.(faultOfProblem(problem) ?? fault('internal'))
            } else if (position !== seen) {
              seen = position
              onResult({ result, position })
            }
          },
          onStatus(status) {
            if (status === known) return
            known = status
            options.onStatus?.(status)
          },
          onEnd: (refusal) => options.onProblem?.(refusal),
        })
        options.signal?.addEventListener('abort', stop, { once: true })
        return () => {
          options.signal?.removeEventListener('abort', stop)
          stop()
        }
      },
    ])
  return Object.freeze(Object.assign(Object.create(null), Object.fromEntries(entries)))
}

/** A function's topic, with its arguments. */
export type LiveTopic = `functions.live/${string}`

/** The topic of a live query: its arguments are base64url of the JSON list. */
function liveTopic(name: string, args: readonly unknown[]): LiveTopic {
  const text = encodeArguments(args)
  const query = text === '[]' ? '' : `?args=${base64url(new TextEncoder().encode(text))}`
  return `functions.live/${name}${query}`
}
