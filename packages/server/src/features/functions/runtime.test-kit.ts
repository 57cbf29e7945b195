import { randomBytes } from 'node:crypto'
import { Fault } from '@quarterdeck/sdk/errors'
import type { Context } from '@quarterdeck/sdk/functions'
import type { CallerInfo } from '@quarterdeck/sdk/functions/context'
import { noMeter } from '../../core/meter.ts'
import { noTracer } from '../../core/tracer.ts'
import type { Keep } from '../../ports/keep.ts'
import type { Tables } from '../../ports/tables.ts'
import { createRunner, type RunnerNeeds } from './calls/runner.ts'
import type { LoadedApp } from './loaded-app.ts'
import { createPermitted } from './rights/permitted.ts'
import type { Answer, CallRecord, Runner } from './runner.ts'

/** A clock that stands until it is moved, and what waits for it. */
export function standingClock(at = 1_700_000_000_000) {
  const waiting = new Set<{ at: number; run: () => void }>()
  const clock = {
    at,
    now: () => clock.at,
    after(ms: number, run: () => void) {
      const one = { at: clock.at + ms, run }
      waiting.add(one)
      return () => waiting.delete(one)
    },
    /** Ends at once, and moves the clock by what was waited for. */
    async pause(ms: number) {
      clock.pass(ms)
      await settled()
    },
    /** Lets time pass, and runs what was due. */
    pass(ms: number) {
      clock.at += ms
      for (const one of waiting) {
        if (one.at > clock.at) continue
        waiting.delete(one)
        one.run()
      }
    },
  }
  return clock
}

/** Once everything that could go on has. */
export const settled = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))

/** A member of groups in the tenant `t`. */
export function member(principal: string, ...groups: string[]): CallerInfo {
  return { tenant: 't', principal, groups, class: 'user' }
}

/** The runtime of an app over engines that a test brings, on a clock of its own. */
export function runtimeOf(
  app: LoadedApp | null,
  engines: { readonly tables: Tables; readonly keep: Keep },
  more: Partial<RunnerNeeds> & { readonly clock?: ReturnType<typeof standingClock> } = {},
) {
  const clock = more.clock ?? standingClock()
  const records: CallRecord[] = []
  const logged: { message: string; fields: unknown }[] = []
  const say = (message: string, fields?: unknown) => void logged.push({ message, fields })
  const counts = new Map<string, number>()
  const count = (name: string, labels: Readonly<Record<string, string>>) => {
    const key = [name, ...Object.values(labels)].join(' ')
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const permitted = more.permitted ?? createPermitted({ tables: engines.tables, now: clock.now })
  const runner = createRunner({
    ...engines,
    app: () => app,
    permitted,
    hosted: false,
    concurrency: 64,
    switchedOff: () => false,
    record: (call) => void records.push(call),
    meter: { ...noMeter, add: count, observe: count },
    tracer: noTracer,
    log: { info: say, warn: say, error: say },
    now: clock.now,
    elapsed: clock.now,
    random: () => 0.5,
    randomBytes,
    pause: clock.pause,
    after: clock.after,
    ...more,
  })

  /** A call with nothing special about it. */
  const call = (
    caller: CallerInfo,
    fn: string,
    args: readonly unknown[] = [],
    asked: Partial<Parameters<Runner['call']>[0]> = {},
  ) => runner.call({ fn, args, caller, requestId: 'r', signal: new AbortController().signal, ...asked })

  return {
    runner,
    call,
    clock,
    records,
    logged,
    counts,
    permitted,
    /** What a call gave, or the code of its refusal. */
    async tell(...asked: Parameters<typeof call>): Promise<unknown> {
      try {
        return given((await call(...asked)).answer)
      } catch (error) {
        return codeOf(error)
      }
    },
  }
}

/** A table of a context that no app has typed. */
export function tableIn(ctx: Pick<Context, 'tables'>, name: string) {
  const table = ctx.tables[name]
  if (table === undefined) throw new Error(`there is no table ${name}`)
  return table
}

/** The result of an answer. */
export function given(answer: Answer): unknown {
  return 'http' in answer ? answer.http : answer.result
}

/** The code of a fault, with the table or path that it names. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Fault)) throw error
  const { table, path } = error.members
  return [error.code, table, path].filter((part) => part !== undefined).join(' ')
}
