import { Fault, fault } from '@quarterdeck/sdk/errors'
import type { FunctionDefinition } from '@quarterdeck/sdk/functions/backend'
import { isHttp } from '@quarterdeck/sdk/functions/http'
import { errorWords } from '../../../core/place-of.ts'
import type { Tracer } from '../../../core/tracer.ts'
import { demandCall } from '../rights/function-rights.ts'
import type { Answer } from '../runner.ts'
import { answerOf, checked } from './answers.ts'
import { parseArguments } from './arguments.ts'
import { type ContextNeeds, contextOf, type Run } from './context.ts'
import type { KnownFunction } from './known-app.ts'

/** Runs a function's handler within a transaction, and answers what it gave, held against its schema. */
export type RunFunction = (run: Run, fn: KnownFunction, args: readonly unknown[]) => Promise<Answer>

const maxDepth = 32

/** Makes what runs handlers. A handler's own failure is told as `internal` alone, and logged by its name. */
export function createRunFunction(needs: ContextNeeds & { readonly tracer: Tracer }): RunFunction {
  async function handle(
    run: Run,
    fn: KnownFunction,
    args: readonly unknown[],
    writing: boolean,
    depth: number,
  ): Promise<unknown> {
    const loaded = fn.load()
    const { handler } = loaded instanceof Promise ? await loaded : loaded
    const ctx = contextOf(needs, run, fn, writing, (definition, given) =>
      call(run, definition, given, writing, depth + 1),
    )
    try {
      const value = await handler(ctx, ...args)
      run.stop.check()
      return value
    } catch (error) {
      // What ended the call is told, whatever its handler makes of it.
      run.stop.check()
      if (error instanceof Fault) throw error
      run.log().error('a function failed', errorWords(error))
      throw fault('internal', undefined, { cause: error })
    }
  }

  /** Another function within the transaction: its bits are asked for unless it is internal; what is lent to it is its own. */
  async function call(
    run: Run,
    definition: FunctionDefinition,
    given: readonly unknown[],
    writing: boolean,
    depth: number,
  ): Promise<unknown> {
    const { known, caller } = run
    if (depth > maxDepth) throw new RangeError('functions call each other without end')
    const fn = await known.named(definition)
    if (fn === undefined) throw new TypeError('ctx.call takes a function of the app')
    if (!fn.said.internal) {
      // Whether it may be called can hang on who calls.
      demandCall(known.app.manifest.groups, caller, fn.said)
    }
    const { args, result } = await fn.load()
    const parsed = await parseArguments(args, given)
    const value = await handle(run, fn, parsed, writing && fn.writes, depth)
    return result === null || isHttp(value) ? value : checked(value, result)
  }

  return async (run, fn, args) => {
    const value = await needs.tracer.span('handler', fn.attributes, () => handle(run, fn, args, fn.writes, 0))
    const loaded = fn.load()
    return answerOf(value, (loaded instanceof Promise ? await loaded : loaded).result)
  }
}
