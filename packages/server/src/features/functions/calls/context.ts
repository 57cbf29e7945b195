import type { FunctionDefinition } from '@quarterdeck/sdk/functions/backend'
import type { Cache, CallerInfo, Log } from '@quarterdeck/sdk/functions/context'
import type { Tx } from '../../../ports/tables.ts'
import type { Permitted } from '../rights/permitted.ts'
import type { ReadNotes } from '../runner.ts'
import type { OpenTables } from '../tables/open-tables.ts'
import type { KnownApp, KnownFunction } from './known-app.ts'
import type { LateTx } from './late-tx.ts'
import type { Stop } from './stop.ts'

/** One run of a function within a transaction, with those that it calls. */
export interface Run {
  readonly known: KnownApp
  readonly caller: CallerInfo
  readonly tx: LateTx
  readonly stop: Stop
  readonly notes: ReadNotes | null
  /** Unix ms that `ctx.now()` says. */
  readonly at: number
  /** What is to be done after the commit. */
  readonly afters: (() => unknown)[]
  readonly log: () => Log
}

/** What contexts are made of, beside what a run brings. */
export interface ContextNeeds {
  readonly permitted: Permitted
  readonly newId: () => string
  readonly cacheOf: (tenant: string) => Cache
  readonly beginAt: (tenant: string, when: number | Date) => Tx
}

const opened = Symbol('opened')

interface Opened {
  readonly needs: ContextNeeds
  readonly run: Run
  readonly fn: KnownFunction
  readonly writing: boolean
  tables: OpenTables | null
  cache: Cache | null
}

interface Context {
  [opened]: Opened
  actor: CallerInfo
  call(definition: FunctionDefinition, ...args: readonly unknown[]): Promise<unknown>
  after(effect: () => unknown): void
  now(): Date
  id(): string
}

// What is made when it is first asked for stands on a prototype: an object with getters of its own costs more than all
// the rest of a short call.
const shape = {
  get tables() {
    const mine = held(this)
    mine.tables ??= openTables(mine)
    return mine.tables
  },
  get cache() {
    const mine = held(this)
    mine.cache ??= mine.needs.cacheOf(mine.run.caller.tenant)
    return mine.cache
  },
  get signal() {
    return held(this).run.stop.signal()
  },
  get log() {
    return held(this).run.log()
  },
}

const held = (context: object) => (context as Context)[opened]

function openTables({ needs, run, fn, writing }: Opened): OpenTables {
  const { known, caller, notes, stop, tx } = run
  return known.openTables({
    caller,
    permitted: needs.permitted,
    usage: tx.usage(),
    notes,
    check: stop.check,
    newId: needs.newId,
    tx: tx.get(),
    writing,
    access: known.accesses(caller, fn.said.elevate),
    beginAt: (when) => needs.beginAt(caller.tenant, when),
  })
}

/** What a handler is given. `writing`: whether it, and whoever called it, writes. */
export function contextOf(
  needs: ContextNeeds,
  run: Run,
  fn: KnownFunction,
  writing: boolean,
  call: (definition: FunctionDefinition, args: readonly unknown[]) => Promise<unknown>,
): object {
  const { caller, notes, stop, at } = run
  const context: Context = Object.create(shape)
  context[opened] = { needs, run, fn, writing, tables: null, cache: null }
  context.actor = notes === null ? caller : notedCaller(caller, notes)
  context.call = async (definition, ...args) => {
    stop.check()
    return call(definition, args)
  }
  context.after = (effect) => {
    stop.check()
    run.afters.push(effect)
  }
  context.now = () => new Date(at)
  context.id = needs.newId
  return context
}

/** A caller whose name somebody hears being asked for. Groups may be looked at: runs of equal groups are shared. */
function notedCaller({ tenant, principal, groups, class: kind }: CallerInfo, notes: ReadNotes): CallerInfo {
  return {
    tenant,
    get principal() {
      notes.personal()
      return principal
    },
    groups,
    get class() {
      notes.personal()
      return kind
    },
  }
}
