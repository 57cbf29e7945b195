import type { functions } from '@quarterdeck/sdk/contract/functions'
import type { Log } from '@quarterdeck/sdk/functions/context'
import type { SwitchedOff } from '../../core/gate.ts'
import type { Meter } from '../../core/meter.ts'
import type { Handlers } from '../../core/perform.ts'
import type { Redactor } from '../../core/redact.ts'
import type { Tracer } from '../../core/tracer.ts'
import type { Keep } from '../../ports/keep.ts'
import type { Tables } from '../../ports/tables.ts'
import { callHandlers } from './calls/handlers.ts'
import { createRunner } from './calls/runner.ts'
import { type CallStore, createCallLog } from './calls-log/call-log.ts'
import { functionFeeds } from './live/feeds.ts'
import type { LoadedApp } from './loaded-app.ts'
import { createPermitted } from './rights/permitted.ts'
import { collectHistory } from './schedules/collect-history.ts'
import { createSchedules } from './schedules/schedules.ts'
import { sessionHandlers } from './sessions/handlers.ts'
import { viewHandlers } from './views/view-handlers.ts'
import { watchLoads } from './views/watch-loads.ts'

/** What the settings say of functions. */
export interface FunctionsSettings {
  /** A tenant's tables are made by `migrate up` alone. */
  readonly hosted: boolean
  /** Calls that run at once in this process. */
  readonly concurrency: number
  /** How long ended versions are kept, ms. */
  readonly historyMs: number
  /** Tenants that are served, beside the home tenant. */
  readonly tenants: readonly string[]
}

/** The area of functions, put together: operations, topics, and what runs beside them. */
export function functionsArea(needs: {
  /** Null: there is none, and every function is unknown. */
  readonly app: LoadedApp | null
  readonly settings: FunctionsSettings
  readonly homeTenant: string
  readonly tables: Tables
  readonly keep: Keep
  /** Where calls are recorded. */
  readonly telemetry: CallStore
  /** Names this run of this process. */
  readonly process: string
  readonly switchedOff: SwitchedOff
  readonly redact: Redactor
  readonly meter: Meter
  readonly tracer: Tracer
  /** What functions log, and what fails in them. */
  readonly log: Log
  readonly now: () => number
  readonly elapsed: () => number
  readonly random: () => number
  readonly randomBytes: (size: number) => Uint8Array
  readonly randomId: () => string
  readonly later: (ms: number, run: () => void) => void
  readonly after: (ms: number, run: () => void) => () => void
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}) {
  const { settings, log } = needs
  const watched = needs.app === null ? null : watchLoads(needs.app, needs.redact.text)
  const app = watched?.app ?? null
  const permitted = createPermitted(needs)
  const callLog = createCallLog({
    ...needs,
    dropped: (count) => log.warn('calls were not recorded', { count }),
  })
  const runner = createRunner({
    ...needs,
    ...settings,
    app: () => app,
    permitted,
    record: callLog.note,
  })
  const calls = callHandlers({ ...needs, app: () => app, runner })
  const views = viewHandlers({
    ...needs,
    app: () => app,
    callLog,
    broken: (fn) => watched?.broken(fn) ?? null,
    prepared: async (tenant) => runner.prepare(tenant),
    forget: permitted.forget,
  })
  const schedules = createSchedules({
    ...needs,
    runner,
    app: () => app,
    tenants: async () => [...new Set([needs.homeTenant, ...settings.tenants])],
    failed: ({ fn, tenant }, code) => log.error('a scheduled function failed', { fn, tenant, code }),
  })
  const handlers: Handlers<typeof functions> = {
    ...calls.handlers,
    ...views.handlers,
    ...sessionHandlers(runner),
  }
  return {
    handlers,
    showing: { ...calls.showing, ...views.showing },
    feeds: functionFeeds({
      ...needs,
      app: () => app,
      runner,
      permitted,
      failed: (fn) => log.warn('a live query failed', { fn }),
    }),
    jobs: [schedules.job, collectHistory({ ...needs, historyMs: settings.historyMs })],
    async stop() {
      await schedules.stop()
      await callLog.stop()
    },
  }
}
