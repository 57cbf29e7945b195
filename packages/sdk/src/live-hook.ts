import { encodeArguments } from './client/encode-arguments.ts'
import type { LiveFunction } from './client/live.ts'
import type { StreamStatus } from './client/stream-event.ts'
import type { Fault } from './errors.ts'

/** A live query as a component draws it. `result` is the last one there was; undefined before the first. */
export interface LiveState<Answer> {
  readonly result: Answer | undefined
  /** Why there is no newer result; null while all is well. */
  readonly problem: Fault | null
  readonly status: StreamStatus
}

/** React's hook of this name, or another's with its shape. */
export type UseSyncExternalStore = <State>(
  subscribe: (onChange: () => void) => () => void,
  getSnapshot: () => State,
  getServerSnapshot?: () => State,
) => State

interface Store<Answer> {
  readonly subscribe: (onChange: () => void) => () => void
  readonly read: () => LiveState<Answer>
}

const before: LiveState<never> = { result: undefined, problem: null, status: 'connecting' }

/**
 * Makes the hook `useQuery(client.live.board, ['open'])`, without this package knowing React: `createLiveHook(useSyncExternalStore)`.
 * Components that ask the same share one query; it ends with the last of them.
 */
export function createLiveHook(useSyncExternalStore: UseSyncExternalStore) {
  const stores = new WeakMap<object, Map<string, Store<unknown>>>()

  function storeOf<Args extends readonly unknown[], Answer>(
    live: LiveFunction<Args, Answer>,
    args: Readonly<Args>,
  ): Store<Answer> {
    const ofFunction = stores.get(live) ?? new Map<string, Store<unknown>>()
    stores.set(live, ofFunction)
    const key = encodeArguments(args)
    // A store is kept under the function that it was made for.
    const kept = ofFunction.get(key) as Store<Answer> | undefined
    if (kept !== undefined) return kept
    const store: Store<Answer> = createStore(live, args, {
      used: () => ofFunction.set(key, store),
      unused: () => ofFunction.delete(key),
    })
    ofFunction.set(key, store)
    return store
  }

  return function useQuery<Args extends readonly unknown[], Answer>(
    live: LiveFunction<Args, Answer>,
    args: Readonly<Args>,
  ): LiveState<Answer> {
    const { subscribe, read } = storeOf(live, args)
    return useSyncExternalStore(subscribe, read, () => before)
  }
}

function createStore<Args extends readonly unknown[], Answer>(
  live: LiveFunction<Args, Answer>,
  args: Readonly<Args>,
  told: { readonly used: () => void; readonly unused: () => void },
): Store<Answer> {
  const listeners = new Set<() => void>()
  let state: LiveState<Answer> = before
  let stop: (() => void) | null = null

  function become(change: Partial<LiveState<Answer>>): void {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }

  function begin(): () => void {
    return live(args, ({ result }) => become({ result, problem: null }), {
      onProblem: (problem) => become({ problem }),
      onStatus: (status) => become({ status }),
    })
  }

  return {
    read: () => state,
    subscribe(onChange) {
      told.used()
      listeners.add(onChange)
      stop ??= begin()
      return () => {
        listeners.delete(onChange)
        if (listeners.size > 0) return
        stop?.()
        stop = null
        state = before
        told.unused()
      }
    },
  }
}
