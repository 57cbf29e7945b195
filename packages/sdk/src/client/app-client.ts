import type { ClientApp } from '../functions/client-app.ts'
import { type Changes, createChanges } from './changes.ts'
import { type Live, type LiveEvent, type LiveTopic, liveOf } from './live.ts'
import type { Pause } from './pause.ts'
import { createCallFunction, type Rpc, type RpcNeeds, rpcOf } from './rpc.ts'
import { createSharedStream } from './shared-stream.ts'
import { openStream } from './stream.ts'
import { createTransact, type Transact } from './transaction.ts'

/** The functions of an app, as its generated `app` types them. */
export interface AppClient<Modules, Name extends PropertyKey, LiveName extends PropertyKey> {
  /** Calls a function: `rpc.openTicket('Printer on fire')`. Refusals are `Fault`s. */
  readonly rpc: Rpc<Modules, Name>
  /** Follows a function's result: `const stop = live.board(['open'], ({ result }) => draw(result))`. */
  readonly live: Live<Modules, LiveName>
  /** Follows the rows of a table. */
  readonly changes: Changes
  /** Several calls as one transaction. */
  readonly transaction: Transact<Rpc<Modules, Name>>
}

/** Makes the part of a client that is typed by an app. */
export function createAppClient<Modules, Name extends PropertyKey, LiveName extends PropertyKey>(
  needs: RpcNeeds & { readonly pause: Pause },
  app: ClientApp<Modules, Name, LiveName>,
): AppClient<Modules, Name, LiveName> {
  const callFunction = createCallFunction(needs, app.functions)
  const follow = createSharedStream<LiveTopic, LiveEvent>((topics, told) =>
    openStream(needs, topics, {
      onEvent(event) {
        if (event.type === 'snapshot') told.onEvent(event.topic, event)
      },
      onStatus: told.onStatus,
      onEnd: told.onEnd,
    }),
  )
  // The build of the app gave names and types from one source; here they are data.
  return {
    rpc: rpcOf(app.functions, callFunction) as Rpc<Modules, Name>,
    live: liveOf(app.functions, follow) as Live<Modules, LiveName>,
    changes: createChanges((topics, options) => openStream(needs, topics, options)),
    transaction: createTransact<Modules, Name>(needs, app.functions, callFunction),
  }
}
