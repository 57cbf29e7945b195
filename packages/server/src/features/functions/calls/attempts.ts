import { fault } from '@quarterdeck/sdk/errors'
import type { CallerInfo, Log } from '@quarterdeck/sdk/functions/context'
import { errorWords } from '../../../core/place-of.ts'
import { faultOf } from '../../../core/port-fault.ts'
import type { Tracer } from '../../../core/tracer.ts'
import type { CommitMeta, Tables } from '../../../ports/tables.ts'
import type { Answer, ReadNotes } from '../runner.ts'
import { storedAnswer } from './answers.ts'
import type { Commit, Committed } from './commit.ts'
import type { Run } from './context.ts'
import type { KnownApp, KnownFunction } from './known-app.ts'
import { createLateTx, type LateTx } from './late-tx.ts'
import { type Answered, answerAgain, type Keyed } from './repeats.ts'
import type { RunFunction } from './run-function.ts'
import type { Stop } from './stop.ts'

/** A call with everything around it done: what is left is to run it in a transaction, as often as it takes. */
export interface Attempted {
  readonly known: KnownApp
  readonly fn: KnownFunction
  /** Parsed. */
  readonly args: readonly unknown[]
  readonly caller: CallerInfo
  readonly stop: Stop
  readonly log: () => Log
  readonly at: number
  readonly keyed: Keyed | null
  /** The name of its transaction, where it commits once. */
  readonly sid?: string
  readonly asOf?: number | Date
  readonly notes?: ReadNotes
}

export interface Attempts {
  /** Runs it, again after conflicts, and commits what it wrote. */
  run(asked: Attempted): Promise<Answered & { readonly repeated: boolean }>
  /** Runs it once, and answers the snapshot that it saw. What it wanted done afterwards is dropped. */
  look(asked: Attempted): Promise<{ readonly answer: Answer; readonly number: number }>
}

/** Makes what runs calls in transactions. */
export function createAttempts(needs: {
  readonly tables: Pick<Tables, 'begin'>
  readonly runFunction: RunFunction
  readonly commit: Commit
  readonly tracer: Tracer
  readonly random: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}): Attempts {
  const { tables, tracer, commit } = needs

  function begin({ fn, caller, sid, asOf, stop }: Attempted): LateTx {
    stop.check()
    return createLateTx(() =>
      tables.begin({
        tenant: caller.tenant,
        isolation: fn.said.isolation,
        ...(sid === undefined ? {} : { sid }),
        ...(asOf === undefined ? {} : { at: asOf }),
      }),
    )
  }

  function runOf(asked: Attempted, tx: LateTx): Run {
    const { known, caller, stop, at, log, notes = null } = asked
    return { known, caller, tx, stop, notes, at, afters: [], log }
  }

  async function once(asked: Attempted): Promise<{ run: Run; answer: Answer; committed: Committed | null }> {
    const { fn, caller, stop, keyed } = asked
    const tx = await tracer.span('begin', fn.attributes, async () => {
      const preparing = asked.known.prepare(caller.tenant)
      if (preparing !== undefined) await preparing
      return begin(asked)
    })
    const run = runOf(asked, tx)
    const unhear = stop.hear(() => tx.abort())
    try {
      const answer = await needs.runFunction(run, fn, asked.args)
      if (keyed === null && (!fn.writes || !tx.isBegun())) {
        tx.abort()
        return { run, answer, committed: nothing }
      }
      const meta: CommitMeta = {
        principal: caller.principal,
        function: fn.said.name,
        hash: fn.said.hash,
        bits: tx.usage().bits,
        ...(keyed === null ? {} : { ...keyed, result: storedAnswer(answer) }),
      }
      stop.check()
      unhear()
      const committed = await tracer.span('commit', fn.attributes, () =>
        commit(tx.get(), caller.tenant, meta, stop),
      )
      return { run, answer, committed }
    } catch (error) {
      tx.abort()
      throw error
    } finally {
      unhear()
    }
  }

  return {
    async run(asked) {
      const { fn, stop, keyed } = asked
      for (let left = fn.said.retry; ; left -= 1) {
        const { run, answer, committed } = await once(asked)
        if (committed !== null) {
          if (committed.repeated !== undefined && keyed !== null)
            return { ...answerAgain(keyed, committed.repeated), repeated: true }
          runAfters(run)
          return { answer, number: committed.number, repeated: false }
        }
        if (left <= 0) throw fault('write_conflict')
        stop.check()
        await needs.pause(10 + needs.random() * 190, stop.signal())
        stop.check()
      }
    },
    async look(asked) {
      await asked.known.prepare(asked.caller.tenant)
      const tx = begin(asked)
      try {
        const answer = await needs.runFunction(runOf(asked, tx), asked.fn, asked.args)
        return { answer, number: await tx.get().snapshot() }
      } catch (error) {
        throw faultOf(error)
      } finally {
        tx.abort()
      }
    },
  }
}

const nothing: Committed = { state: 'committed', number: null, at: new Date(0) }

/** Runs what was to be done after the commit, one after the other, whoever waits for the answer. */
export function runAfters({ afters, log }: Pick<Run, 'afters' | 'log'>): void {
  if (afters.length === 0) return
  void (async () => {
    for (const effect of afters) {
      try {
        await effect()
      } catch (error) {
        log().error('what a function wanted done after its commit failed', errorWords(error))
      }
    }
  })()
}
