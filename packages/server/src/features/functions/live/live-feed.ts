import type { Actor } from '@quarterdeck/sdk/actor'
import { fault } from '@quarterdeck/sdk/errors'
import type { FunctionDefinition } from '@quarterdeck/sdk/functions/backend'
import type { OpenFeed } from '../../../core/feed.ts'
import { callerOf } from '../caller.ts'
import { parseArguments } from '../calls/arguments.ts'
import { type Parser, parserOf } from '../calls/parser.ts'
import type { LoadedApp } from '../loaded-app.ts'
import { demandCall, mayCall } from '../rights/function-rights.ts'
import type { Commits } from './commits.ts'
import { readLiveArguments } from './live-arguments.ts'
import { type LiveRuns, sharedKeyOf } from './live-runs.ts'
import { liveSource } from './live-source.ts'

/** `functions.live/:fn`: a function's result, again and again. */
export function liveFeed(needs: {
  /** The app that runs now; null without one. */
  readonly app: () => LoadedApp | null
  readonly runs: LiveRuns
  readonly commits: Commits
}): OpenFeed {
  const { runs } = needs
  const parsers = new WeakMap<FunctionDefinition, readonly Parser[]>()

  /** Of a function's arguments, made once. Rejects when its module does not load. */
  async function parsersOf(app: LoadedApp, name: string): Promise<readonly Parser[]> {
    const definition = await app.load(name)
    const made = parsers.get(definition) ?? (definition.options.args ?? []).map(parserOf)
    parsers.set(definition, made)
    return made
  }

  return async (actor, { name, query }) => {
    const app = needs.app()
    const fn = app && functionOf(app, name)
    if (!fn) throw fault('not_found')
    const queryOf = (now: Actor) => ({ fn: name, args, caller: callerOf(now) })
    demandCall(app.manifest.groups, callerOf(actor), fn)
    if (!fn.live || (fn.perm & 3) !== 0)
      throw fault('invalid', undefined, {
        issues: [{ path: ['topics'], message: 'names a function that is no live query' }],
      })
    const args = readLiveArguments(query)
    await parseArguments(await parsersOf(app, name), args)
    if (runs.isFull()) throw fault('overloaded')
    const keyOf = (now: Actor) => JSON.stringify([sharedKeyOf(queryOf(now)), callerOf(now).principal])
    const key = keyOf(actor)
    return {
      // A hub for each principal: whether they share the run beneath shows only when it runs.
      key,
      source: liveSource(needs, queryOf(actor)),
      whole: true,
      may(now) {
        const newest = needs.app()
        const said = newest && functionOf(newest, name)
        return !!said && mayCall(newest.manifest.groups, callerOf(now), said) && keyOf(now) === key
      },
    }
  }
}

const functionOf = (app: LoadedApp, name: string) =>
  app.manifest.functions.find((one) => one.name === name && !one.internal)
