import type { functions } from '@quarterdeck/sdk/contract/functions'
import { fault } from '@quarterdeck/sdk/errors'
import type { Call, Handlers, Showing } from '../../../core/perform.ts'
import { callerOf } from '../caller.ts'
import type { LoadedApp } from '../loaded-app.ts'
import { demandCall } from '../rights/function-rights.ts'
import type { Runner } from '../runner.ts'
import { shownAnswer } from './answers.ts'

type Area = typeof functions

/** What stands in a call's headers, for the runner. */
function headersOf({ from, idempotencyKey }: Pick<Call<unknown>, 'from' | 'idempotencyKey'>) {
  const { sessionId, deadlineMs, traceId } = from
  return {
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(deadlineMs === undefined ? {} : { deadlineMs: msOf(deadlineMs) }),
    ...(traceId === undefined ? {} : { traceId }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  }
}

function msOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw fault('invalid', undefined, {
    issues: [{ path: ['x-deadline-ms'], message: 'needs milliseconds, at least 1' }],
  })
}

/** Calls of functions, and runs by hand. */
export function callHandlers(needs: {
  readonly runner: Pick<Runner, 'call'>
  readonly app: () => LoadedApp | null
  /** Ms that only grow, with fractions. */
  readonly elapsed: () => number
}): {
  readonly handlers: Pick<Handlers<Area>, 'call' | 'run'>
  readonly showing: Pick<Showing<Area>, 'run'>
} {
  const { runner, app, elapsed } = needs

  return {
    handlers: {
      async call(call) {
        const { fn, args } = call.input
        const { actor, requestId, signal, reply } = call
        const asked = { fn, args, caller: callerOf(actor), requestId, signal, ...headersOf(call) }
        const { answer } = await runner.call(asked)
        if (!('http' in answer)) return answer
        reply.raw?.(answer.http)
        return {}
      },
      async run(call) {
        const { fn, args, asOf } = call.input
        const { actor, requestId, signal } = call
        const began = elapsed()
        const { answer, number } = await runner.call({
          ...{ fn, args, caller: callerOf(actor), requestId, signal, ...headersOf(call) },
          ...(asOf === undefined ? {} : { asOf: typeof asOf === 'number' ? asOf : new Date(asOf) }),
        })
        return {
          ...shownAnswer(answer),
          ...(number === null ? {} : { number }),
          ms: elapsed() - began,
        }
      },
    },
    showing: {
      /** One that executes is dangerous: its name is typed, over exactly these arguments and this code. */
      run({ actor, input }) {
        const manifest = app()?.manifest
        const said = manifest?.functions.find(({ name }) => name === input.fn)
        if (manifest === undefined || said === undefined || said.internal) throw fault('not_found')
        // Nobody is asked to prove what is refused anyway.
        demandCall(manifest.groups, callerOf(actor), said)
        if ((said.perm & 1) === 0) return null
        const { name: fn, hash } = said
        return { does: `Runs ${fn} with the arguments shown.`, word: fn, fn, hash, args: input.args }
      },
    },
  }
}
