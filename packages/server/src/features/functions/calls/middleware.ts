import { Fault, fault } from '@quarterdeck/sdk/errors'
import type { AppDefinition, Middleware, MiddlewareContext } from '@quarterdeck/sdk/functions/app'
import type { Log } from '@quarterdeck/sdk/functions/context'
import type { ManifestFunction } from '@quarterdeck/sdk/functions/manifest'
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
    let called = false
    let inner: unknown
    await one.fn(ctx, async () => {
      if (called) throw new Error('next() was called twice')
      called = true
      inner = await from(at + 1)
      return inner
    })
    if (!called) throw fault('forbidden')
    return inner
  }

  try {
    await from(0)
  } catch (error) {
    if (error instanceof Fault) throw error
    log().error('a middleware failed', { error: error instanceof Error ? error.name : typeof error })
    throw fault('internal', undefined, { cause: error })
  }
  const outcome = ended as { given: Given } | { error: unknown } | null
  if (outcome === null) throw fault('forbidden')
  if ('error' in outcome) throw outcome.error
  return outcome.given
}
