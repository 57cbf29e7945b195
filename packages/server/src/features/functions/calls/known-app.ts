import type { Middleware } from '@quarterdeck/sdk/functions/app'
import { type FunctionDefinition, isWriting } from '@quarterdeck/sdk/functions/backend'
import type { ManifestFunction } from '@quarterdeck/sdk/functions/manifest'
import type { LoadedApp } from '../loaded-app.ts'
import { createAccesses } from '../rights/table-access.ts'
import { createTables } from '../tables/open-tables.ts'
import { createPrepareTenant, type PrepareTenant } from '../tables/prepare-tenant.ts'
import { middlewareOf } from './middleware.ts'
import { type Parser, parserOf } from './parser.ts'

/** A function's module, with what is made of its schemas once. */
export interface LoadedFunction {
  readonly handler: (ctx: unknown, ...args: unknown[]) => unknown
  readonly args: readonly Parser[]
  readonly result: Parser | null
}

/** A function of the app, with all that does not change from call to call. */
export interface KnownFunction {
  readonly said: ManifestFunction
  readonly writes: boolean
  /** Those whose filters it meets. */
  readonly middleware: readonly Middleware[]
  /** What spans say of it. */
  readonly attributes: Readonly<Record<string, string>>
  /** Loaded when it is first called; a promise only then. Rejects when its module does not load. */
  load(): LoadedFunction | Promise<LoadedFunction>
}

/** An app as calls use it. */
export interface KnownApp {
  readonly app: LoadedApp
  find(name: string): KnownFunction | undefined
  /** The function that a definition is of; undefined for one that is not exported as a function of this app. */
  named(definition: object): Promise<KnownFunction | undefined>
  readonly accesses: ReturnType<typeof createAccesses>
  readonly openTables: ReturnType<typeof createTables>
  readonly prepare: PrepareTenant
}

/** Works out, once for an app, what its calls need. */
export function createKnownApp(
  needs: Omit<Parameters<typeof createPrepareTenant>[0], 'app'>,
  app: LoadedApp,
): KnownApp {
  const definitions = new WeakMap<object, KnownFunction>()
  const known = new Map(app.manifest.functions.map((said) => [said.name, knownOf(said)]))

  function knownOf(said: ManifestFunction): KnownFunction {
    let loaded: LoadedFunction | null = null
    let loading: Promise<LoadedFunction> | null = null
    const self: KnownFunction = {
      said,
      writes: isWriting(said.perm),
      middleware: middlewareOf(app.app, said),
      attributes: { 'quarterdeck.function': said.name },
      load() {
        if (loaded !== null) return loaded
        loading ??= app.load(said.name).then(
          (definition) => {
            definitions.set(definition, self)
            loaded = loadedOf(definition)
            return loaded
          },
          (error: unknown) => {
            loading = null
            throw error
          },
        )
        return loading
      },
    }
    return self
  }

  return {
    app,
    find: (name) => known.get(name),
    async named(definition) {
      if (!definitions.has(definition)) {
        // It was imported by the one that calls it, and never called from outside.
        await Promise.allSettled([...known.values()].map(async (one) => one.load()))
      }
      return definitions.get(definition)
    },
    accesses: createAccesses(app.manifest.groups, app.tables),
    openTables: createTables(app.tables),
    prepare: createPrepareTenant({ ...needs, app }),
  }
}

function loadedOf({ handler, options }: FunctionDefinition): LoadedFunction {
  return {
    handler: handler as LoadedFunction['handler'],
    args: (options.args ?? []).map(parserOf),
    result: options.result === undefined ? null : parserOf(options.result),
  }
}
