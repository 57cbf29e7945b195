import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FunctionDefinition } from '@quarterdeck/sdk/functions/backend'
import type { Manifest } from '@quarterdeck/sdk/functions/manifest'
import type { TableDefinition } from '@quarterdeck/sdk/functions/table'
import { StartRefused } from '../../config/problem.ts'
import type { LoadedApp } from '../../features/functions/loaded-app.ts'
import { AppModule, isFunction, isTable, MigrationModule, RoutesModule } from './built-modules.ts'
import { isStill, readManifest } from './read-manifest.ts'

/**
 * Takes a built app in: its files are held against the manifest, `app` and `tables` are loaded at once, functions when
 * they are first needed. Throws `StartRefused`.
 */
export async function loadApp(named: string): Promise<LoadedApp> {
  const manifest = readManifest(named)
  const folder = realpathSync(named)
  const open = async (path: string): Promise<unknown> => import(pathToFileURL(join(folder, path)).href)
  const { app, tables, routes, migrations } = await openFirst(manifest, open).catch((error: unknown) => {
    const detail = `the app does not load: ${error instanceof Error ? error.message.split('\n', 1)[0] : 'failed'}`
    throw new StartRefused([{ code: 'app_invalid', setting: 'CONSOLE_APP', detail }])
  })
  const fileOf = new Map(manifest.functions.map(({ name, file }) => [name, file]))
  const loaded = new Map<string, Promise<ReadonlyMap<string, FunctionDefinition>>>()

  /** The functions of one source, which are loaded with each other. */
  function functionsOf(file: string, one: string) {
    const known = loaded.get(file)
    if (known !== undefined) return known
    const loading = loadAll(file, one)
    loaded.set(file, loading)
    return loading
  }

  async function loadAll(file: string, one: string) {
    if (!isStill(folder, manifest, file))
      throw new Error(`${file} of the app is not what the server started with; start it anew`)
    const module = (await routes[one]?.load()) ?? {}
    const found = new Map<string, FunctionDefinition>()
    for (const { name, file: other } of manifest.functions) {
      const definition = module[name]
      if (other === file && isFunction(definition)) found.set(name, definition)
    }
    return found
  }

  return {
    manifest,
    app,
    tables,
    async load(name) {
      const file = fileOf.get(name)
      const found = file === undefined ? undefined : (await functionsOf(file, name)).get(name)
      if (found === undefined) throw new Error(`the app has no function ${name}`)
      return found
    },
    async migration(id) {
      const load = migrations[id]
      if (load === undefined) throw new Error(`the app has no migration ${id}`)
      return MigrationModule.parse(await load()).up
    },
  }
}

/** What is needed to start: everything but handlers and migrations. */
async function openFirst(manifest: Manifest, opened: (path: string) => Promise<unknown>) {
  // A file that the manifest does not tell was held against nothing, and is not run.
  const open = async (path: string) => {
    if (!Object.hasOwn(manifest.files, path)) throw new Error(`its manifest tells no ${path}`)
    return opened(path)
  }
  const app = AppModule.parse(await open('server/app.js')).default
  const { routes, migrations } = RoutesModule.parse(await open('server/routes.js'))
  const tables = new Map<string, TableDefinition>()
  if (Object.hasOwn(manifest.files, 'server/tables.js'))
    for (const value of Object.values(Object(await open('server/tables.js'))))
      if (isTable(value)) tables.set(value.name, value)
  return { app, tables, routes, migrations }
}
