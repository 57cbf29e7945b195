import type { FunctionItem, functions } from '@quarterdeck/sdk/contract/functions'
import { fault } from '@quarterdeck/sdk/errors'
import type { ManifestFunction } from '@quarterdeck/sdk/functions/manifest'
import type { z } from 'zod'
import type { Handlers } from '../../../core/perform.ts'
import { type CallLog, noRates, type Rates } from '../calls-log/call-log.ts'
import type { LoadedApp } from '../loaded-app.ts'

/** What operators see of functions: what they are, how they did, and their calls. */
export function functionViews(needs: {
  /** The app that runs now; null without one. */
  readonly app: () => LoadedApp | null
  readonly callLog: Pick<CallLog, 'rates' | 'calls'>
  /** Why a function's module could not be loaded; null when it was, or was not needed yet. */
  readonly broken: (fn: string) => string | null
}): Pick<Handlers<typeof functions>, 'list' | 'get' | 'calls'> {
  const { callLog } = needs

  function demand(name: string): ManifestFunction {
    const found = needs.app()?.manifest.functions.find((fn) => fn.name === name)
    if (found === undefined) throw fault('not_found')
    return found
  }

  const itemOf = (fn: ManifestFunction, rates: Rates = noRates): z.infer<typeof FunctionItem> => ({
    ...fn,
    ...rates,
    broken: needs.broken(fn.name),
  })

  return {
    async list({ actor, input }) {
      const app = needs.app()
      if (app === null) return { items: [], digest: null, failed: [] }
      const { functions: all, digest, failed } = app.manifest
      const rates = await callLog.rates(actor.tenant, input.window)
      return { items: all.map((fn) => itemOf(fn, rates.get(fn.name))), digest, failed }
    },
    async get({ actor, input }) {
      const fn = demand(input.fn)
      const rates = await callLog.rates(actor.tenant, input.window, fn.name)
      return itemOf(fn, rates.get(fn.name))
    },
    async calls({ actor, input }) {
      return callLog.calls(actor.tenant, demand(input.fn).name, input)
    },
  }
}
