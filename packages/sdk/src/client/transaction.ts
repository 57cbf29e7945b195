import { functions } from '../contract/functions.ts'
import { Fault, fault } from '../errors.ts'
import type { ClientFunction } from '../functions/client-app.ts'
import { call } from './call.ts'
import { isLost, repeated } from './repeated.ts'
import { type CallFunction, type Rpc, type RpcNeeds, rpcOf } from './rpc.ts'

export interface TransactionOptions {
  readonly isolation?: 'snapshot' | 'serializable'
  readonly signal?: AbortSignal
  /** How often all of it is run anew when another writer was first; 0 unless said, as `run` may have effects outside. */
  readonly repeats?: number
}

/** A transaction over several calls: one snapshot, and what they write is committed together. */
export interface Transaction<AppRpc> {
  readonly sessionId: string
  /** The number of the last commit that it sees. */
  readonly snapshot: number
  /** The functions of the app, within the transaction. Calls run one after another; none is repeated. */
  readonly rpc: AppRpc
}

/**
 * Runs a transaction: commits when `run` resolves, drops everything when it rejects. Rejects with `write_conflict` when
 * another writer was first.
 */
export type Transact<AppRpc> = <Result>(
  run: (tx: Transaction<AppRpc>) => Promise<Result>,
  options?: TransactionOptions,
) => Promise<Result>

/** Makes transactions over `POST /tx`. */
export function createTransact<Modules, Name extends PropertyKey>(
  needs: RpcNeeds,
  known: Readonly<Record<string, ClientFunction>>,
  callFunction: CallFunction,
): Transact<Rpc<Modules, Name>> {
  return async (run, options = {}) => {
    const { isolation, signal } = options
    const limits = signal === undefined ? {} : { signal }

    async function once() {
      const beginKey = needs.newKey()
      const begun = await repeated(needs, limits, () =>
        call(needs, functions.begin, isolation === undefined ? {} : { isolation }, {
          ...limits,
          idempotencyKey: beginKey,
        }),
      )
      const sid = begun.sessionId
      const line = createLine(callFunction, sid)
      try {
        // The names are those of the app, which its build gave both as types and as data.
        const rpc = rpcOf(known, line.callFunction, sid) as Rpc<Modules, Name>
        const result = await run({ sessionId: sid, snapshot: begun.snapshot, rpc })
        await line.finish()
        await commit(sid)
        return result
      } catch (error) {
        line.finish().catch(() => {})
        await call(needs, functions.abort, { sid }).catch(() => {})
        throw error
      }
    }

    async function commit(sid: string): Promise<void> {
      const idempotencyKey = needs.newKey()
      let lost = false
      try {
        // Committed again, a session that came too late still comes too late.
        await repeated(needs, { ...limits, last: ['write_conflict'] }, () =>
          call(needs, functions.commit, { sid }, { ...limits, idempotencyKey }).catch((error) => {
            lost ||= isLost(error)
            throw error
          }),
        )
      } catch (error) {
        // Once an answer was lost, a session that is not there may be one that was committed.
        if (lost && error instanceof Fault && error.code === 'not_found') throw fault('outcome_unknown')
        throw error
      }
    }

    for (let repeat = 0; ; repeat += 1) {
      try {
        return await once()
      } catch (error) {
        const conflict = error instanceof Fault && error.code === 'write_conflict'
        if (!conflict || repeat >= (options.repeats ?? 0)) throw error
        signal?.throwIfAborted()
      }
    }
  }
}

/** Calls of a session one after another: the server takes one at a time. */
function createLine(callFunction: CallFunction, sid: string) {
  let last: Promise<unknown> = Promise.resolve()
  let over = false
  const inLine: CallFunction = (name, args, options) => {
    if (over) return Promise.reject(new TypeError('the transaction is over'))
    const mine = last.then(() => callFunction(name, args, options, sid))
    last = mine.catch(() => {})
    return mine
  }
  return {
    callFunction: inLine,
    /** No call comes after this; resolves when those under way have ended. */
    finish(): Promise<unknown> {
      over = true
      return last
    },
  }
}
