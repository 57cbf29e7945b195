import { Fault, fault } from '@quarterdeck/sdk/errors'
import type { CallerInfo, Log } from '@quarterdeck/sdk/functions/context'
import type { SwitchedOff } from '../../../core/gate.ts'
import type { Meter } from '../../../core/meter.ts'
import { errorWords } from '../../../core/place-of.ts'
import { faultOf } from '../../../core/port-fault.ts'
import type { Tracer } from '../../../core/tracer.ts'
import type { Keep } from '../../../ports/keep.ts'
import type { Tables } from '../../../ports/tables.ts'
import type { LoadedApp } from '../loaded-app.ts'
import { demandCall } from '../rights/function-rights.ts'
import type { Permitted } from '../rights/permitted.ts'
import type { CallRecord, Runner } from '../runner.ts'
import { createSessionCalls } from '../sessions/session-calls.ts'
import { createSessions, type Sessions } from '../sessions/sessions.ts'
import { parseArguments } from './arguments.ts'
import { type Attempted, createAttempts } from './attempts.ts'
import { cacheOf } from './cache.ts'
import { type Commit, createCommit } from './commit.ts'
import { createKnownApp, type KnownApp, type KnownFunction } from './known-app.ts'
import { runWithin } from './middleware.ts'
import { createNewId } from './new-id.ts'
import { createPlaces } from './places.ts'
import { createCallRecorder } from './record-call.ts'
import { type Answered, createRepeats, type Keyed, keyedOf } from './repeats.ts'
import { createRunFunction } from './run-function.ts'
import { createStop, type Stop } from './stop.ts'

/** What running functions stands on. */
export interface RunnerNeeds {
  /** The app that runs now; null without one. */
  readonly app: () => LoadedApp | null
  readonly tables: Tables
  readonly keep: Keep
  readonly permitted: Permitted
  /** A tenant's tables are made by `migrate up` alone. */
  readonly hosted: boolean
  /** Calls that run at once in this process. */
  readonly concurrency: number
  readonly switchedOff: SwitchedOff
  readonly record: (call: CallRecord) => void
  readonly meter: Meter
  readonly tracer: Tracer
  readonly log: Log
  /** Unix ms. */
  readonly now: () => number
  /** Ms that only grow, with fractions: to measure by. */
  readonly elapsed: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly randomBytes: (size: number) => Uint8Array
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** Calls `run` once `ms` have passed unless what it answers was called before. */
  readonly after: (ms: number, run: () => void) => () => void
}

type Asked = Parameters<Runner['call']>[0]

/** Makes the one place where functions run: called, looked at by live queries, or due by a schedule. */
export function createRunner(needs: RunnerNeeds): Runner & {
  readonly sessions: Sessions
  /** Makes sure that a tenant has the tables of the app. */
  prepare(tenant: string): Promise<void>
} {
  const { tables, now, elapsed, tracer } = needs
  const commit: Commit = createCommit(needs)
  const newId = createNewId(needs)
  const runFunction = createRunFunction({
    permitted: needs.permitted,
    newId,
    cacheOf: (tenant) => cacheOf(needs.keep, tenant),
    beginAt: (tenant, at) => tables.begin({ tenant, at }),
    tracer,
  })
  const attempts = createAttempts({ ...needs, runFunction, commit })
  const sessions = createSessions({ ...needs, commit, prepare: (tenant) => known().prepare(tenant) })
  const sessionCalls = createSessionCalls({ sessions, runFunction })
  const repeats = createRepeats(needs)
  const places = createPlaces(needs)
  const recorded = createCallRecorder(needs)
  let newest: KnownApp | null = null

  function known(): KnownApp {
    const app = needs.app()
    if (app === null) throw fault('not_found')
    if (newest?.app !== app) newest = createKnownApp({ ...needs, newId }, app)
    return newest
  }

  function find(name: string, internal: boolean): { app: KnownApp; fn: KnownFunction } {
    const app = known()
    const fn = app.find(name)
    if (fn === undefined || (fn.said.internal && !internal)) throw fault('not_found')
    return { app, fn }
  }

  const logOf = (fn: KnownFunction, requestId: string) => (): Log => {
    const said = { function: fn.said.name, requestId }
    return {
      info: (message, fields) => needs.log.info(message, { ...fields, ...said }),
      warn: (message, fields) => needs.log.warn(message, { ...fields, ...said }),
      error: (message, fields) => needs.log.error(message, { ...fields, ...said }),
    }
  }

  function demandOn(fn: KnownFunction): void {
    if (fn.writes && needs.switchedOff('functions')) throw fault('switched_off')
  }

  /** Errors of an app may say what it was sent: whoever is told of one, or logs it, gets none to look into. */
  function tellable(error: unknown, log: () => Log): Fault {
    const failed = faultOf(error)
    if (failed.code !== 'internal') return failed
    if (!(error instanceof Fault)) log().error('a call failed', errorWords(error))
    return fault('internal')
  }

  /** Runs within the deadline and the record of a call. */
  async function counted<Given extends { readonly number: number | null }>(
    said: {
      readonly fn: KnownFunction
      readonly caller: CallerInfo
      readonly requestId: string
      readonly traceId?: string | undefined
    },
    run: () => Promise<Given>,
  ): Promise<Given> {
    const { fn, caller, requestId, traceId } = said
    const began = elapsed()
    const call = {
      tenant: caller.tenant,
      fn: fn.said.name,
      hash: fn.said.hash,
      at: now(),
      principal: caller.principal,
      traceId: traceId ?? null,
      requestId,
    }
    try {
      const given = await run()
      recorded({ ...call, ms: elapsed() - began, number: given.number }, null)
      return given
    } catch (error) {
      const failed = tellable(error, logOf(fn, requestId))
      recorded({ ...call, ms: elapsed() - began, number: null }, failed)
      throw failed
    }
  }

  /** Arguments, a place, and the attempts. */
  async function placed(
    asked: Asked,
    app: KnownApp,
    fn: KnownFunction,
    stop: Stop,
    keyed: Keyed | null,
  ): Promise<Answered> {
    const { caller, asOf, sessionId } = asked
    const log = logOf(fn, asked.requestId)
    const args = await argumentsOf(fn, asked.args, log)
    return places.within(stop, () => {
      const attempted: Attempted = { known: app, fn, args, caller, stop, log, at: now(), keyed }
      if (sessionId !== undefined) return sessionCalls(attempted, sessionId)
      return attempts.run(asOf === undefined ? attempted : { ...attempted, asOf })
    })
  }

  async function argumentsOf(fn: KnownFunction, given: readonly unknown[], log: () => Log) {
    let loaded: ReturnType<KnownFunction['load']>
    try {
      loaded = fn.load()
      if (loaded instanceof Promise) loaded = await loaded
    } catch (error) {
      log().error('a function could not be loaded', {
        error: error instanceof Error ? error.name : 'unknown',
      })
      throw fault('internal', undefined, { cause: error })
    }
    return parseArguments(loaded.args, given)
  }

  function around(asked: Asked, app: KnownApp, fn: KnownFunction, stop: Stop, keyed: Keyed | null) {
    const run = () => placed(asked, app, fn, stop, keyed)
    if (fn.middleware.length === 0) return run()
    const { caller: actor, requestId, args } = asked
    const { name, egroup } = fn.said
    const log = logOf(fn, requestId)
    return runWithin(
      fn.middleware,
      middlewareContext({ fn: name, egroup, args, actor, requestId }, stop),
      run,
      log,
    )
  }

  return {
    async call(asked) {
      const { app, fn } = find(asked.fn, false)
      return counted({ ...asked, fn }, async (): Promise<Answered> => {
        demandOn(fn)
        demandCall(app.app.manifest.groups, asked.caller, fn.said)
        const { idempotencyKey: key, sessionId, asOf, caller } = asked
        if (asOf !== undefined && fn.writes)
          throw fault('invalid', undefined, {
            issues: [{ path: ['asOf'], message: 'a function that writes does not run in the past' }],
          })
        if (asOf !== undefined && sessionId !== undefined)
          throw fault('invalid', undefined, {
            issues: [{ path: ['asOf'], message: 'a session has a snapshot of its own' }],
          })
        const ms = Math.min(fn.said.deadlineMs, asked.deadlineMs ?? fn.said.deadlineMs)
        const stop = createStop({ ms, signal: asked.signal, after: needs.after })
        const keyed = key === undefined || !fn.writes ? null : keyedOf(caller, fn.said.name, key, asked.args)
        return stop.within(() =>
          keyed === null || sessionId !== undefined
            ? around(asked, app, fn, stop, keyed)
            : repeats.once(caller.tenant, keyed, stop, () => around(asked, app, fn, stop, keyed)),
        )
      })
    },
    async look({ fn: name, args, caller, notes, signal }) {
      const { app, fn } = find(name, false)
      if (fn.writes) throw fault('forbidden')
      const stop = createStop({ ms: fn.said.deadlineMs, signal, after: needs.after })
      return stop.within(async () => {
        const log = logOf(fn, 'live')
        const parsed = await argumentsOf(fn, args, log)
        return attempts.look({
          ...{ known: app, fn, args: parsed, caller, stop, log, at: now(), keyed: null, notes },
        })
      })
    },
    async tick({ fn: name, tenant, sid, signal }) {
      const { app, fn } = find(name, true)
      demandOn(fn)
      const caller: CallerInfo = { tenant, principal: `fn:${name}`, groups: [], class: 'service' }
      const keyed: Keyed = { idempotency: `tick ${sid}`, request: sid }
      if ((await tables.recall(tenant, keyed.idempotency)) !== null) return false
      const { repeated } = await counted({ fn, caller, requestId: sid }, () => {
        const stop = createStop({ ms: fn.said.deadlineMs, signal, after: needs.after })
        return stop.within(async () => {
          const log = logOf(fn, sid)
          const args = await argumentsOf(fn, [], log)
          return places.within(stop, () =>
            attempts.run({ known: app, fn, args, caller, stop, log, at: now(), keyed, sid }),
          )
        })
      })
      return !repeated
    },
    sessions,
    async prepare(tenant) {
      await known().prepare(tenant)
    },
  }
}

function middlewareContext(
  said: Pick<Parameters<typeof runWithin>[1], 'fn' | 'egroup' | 'args' | 'actor' | 'requestId'>,
  stop: Stop,
) {
  return {
    ...said,
    get signal() {
      return stop.signal()
    },
  }
}
