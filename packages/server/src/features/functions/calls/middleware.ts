import { Fault, fault } from '@quarterdeck/sdk/errors'
import type { AppDefinition, Middleware, MiddlewareContext } from '@quarterdeck/sdk/functions/app'
import type { Log } from '@quarterdeck/sdk/functions/context'
import type { ManifestFunction } from '@quarterdeck/sdk/functions/manifest'
import { errorWords } from '../../../core/place-of.ts'
import type { Answer } from '../runner.ts'

/** The middleware that runs around a function, in the order of the app: of its filters all that are named must hold. */
export function middlewareOf(app: AppDefinition, fn: ManifestFunction): readonly Middleware[] {
  return app.middleware.filter(({ filter = {} }) => {
    const { prefixurl, egroup, endpoints } = filter
    if (prefixurl !== undefined && !`/rpc/${fn.name}`.startsWith(prefixurl)) return false
    if (egroup !== undefined && egroup !== fn.egroup) return false
    return endpoints === undefined || endpoints.includes(fn.name)
  })
}

/**
 * Runs a call within its middleware. Each sees what the call gave, a result or an answer of its own; what it gives itself
 * is nobody's answer. It refuses by throwing, or by never calling `next`: then it is `forbidden`. A failure that it
 * catches stays a failure.
 */
export async function runWithin<Given extends { readonly answer: Answer }>(
  middleware: readonly Middleware[],
  ctx: MiddlewareContext,
  run: () => Promise<Given>,
  log: () => Log,
): Promise<Given> {
  let ended: { given: Given } | { error: unknown } | null = null

  async function innermost(): Promise<unknown> {
    try {
      const given = await run()
      ended = { given }
      return 'http' in given.answer ? given.answer.http : given.answer.result
    } catch (error) {
      ended = { error }
      throw error
    }
  }

  async function from(at: number): Promise<unknown> {
    const one = middleware[at]
    if (one === undefined) return innermost()
    const begun: Promise<unknown>[] = []
    try {
      // Not an async function: what it gives is waited for below, whatever becomes of it here.
      await one.fn(ctx, () => {
        if (begun.length > 0) return Promise.reject(new Error('next() was called twice'))
        const inner = from(at + 1)
        begun.push(inner)
        return inner
      })
    } finally {
      // Nobody is told anything while what was let through still runs, whoever waits for it or not.
      await Promise.allSettled(begun)
    }
    if (begun.length === 0) throw fault('forbidden')
    return begun[0]
  }

  try {
    await from(0)
  } catch (error) {
    if (error instanceof Fault) throw error
    log().error('a middleware failed', errorWords(error))
    throw fault('internal', undefined, { cause: error })
  }
  const outcome = ended as { given: Given } | { error: unknown } | null
  if (outcome === null) throw fault('forbidden')
  if ('error' in outcome) throw outcome.error
  return outcome.given
}
