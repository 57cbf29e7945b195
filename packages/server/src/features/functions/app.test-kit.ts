import { createHash } from 'node:crypto'
import { type AppDefinition, app as appOf } from '@quarterdeck/sdk/functions/app'
import type { FunctionDefinition } from '@quarterdeck/sdk/functions/backend'
import type { Manifest, ManifestFunction, ManifestTable } from '@quarterdeck/sdk/functions/manifest'
import type { TableDefinition } from '@quarterdeck/sdk/functions/table'
import { z } from 'zod'
import type { LoadedApp } from './loaded-app.ts'

type Migration = Awaited<ReturnType<LoadedApp['migration']>>

const schemaOf = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** What a build would say of a function. */
function manifestFunctionOf(name: string, { options }: FunctionDefinition): ManifestFunction {
  return {
    name,
    hash: hashOf(name),
    file: `functions/${name}.ts`,
    perm: options.perm,
    ugroup: options.ugroup ?? null,
    egroup: options.egroup ?? 'default',
    isolation: options.isolation ?? 'snapshot',
    retry: options.retry ?? 3,
    deadlineMs: options.deadlineMs ?? 10_000,
    live: options.live ?? false,
    internal: options.internal === true || options.cron !== undefined,
    cron: options.cron ?? null,
    elevate: { ...options.elevate },
    args: (options.args ?? []).map(schemaOf),
    result: options.result === undefined ? null : schemaOf(options.result),
  }
}

function manifestTableOf({
  name,
  rows,
  permissions,
  indexes,
  masks,
  schema,
}: TableDefinition): ManifestTable {
  return {
    name,
    rows,
    permissions,
    indexes: Object.fromEntries(
      Object.entries(indexes).map(([label, { on, unique }]) => [label, { on: [...on], unique }]),
    ),
    masks: masks.map(({ path, bits, groups }) => ({ path, bits, groups: { ...groups } })),
    schema: schemaOf(schema),
  }
}

/** An app as it is when it was built and loaded, from its definitions: for tests of what runs apps. */
export function loadedAppOf(said: {
  readonly app?: AppDefinition
  readonly tables?: readonly TableDefinition[]
  readonly functions: Readonly<Record<string, FunctionDefinition>>
  readonly migrations?: Readonly<Record<string, Migration>>
}): LoadedApp {
  const { app = appOf({}), tables = [], functions, migrations = {} } = said
  const manifest: Manifest = {
    version: 1,
    digest: `sha256:${hashOf(Object.keys(functions).join())}`,
    functions: Object.entries(functions).map(([name, definition]) => manifestFunctionOf(name, definition)),
    tables: tables.map(manifestTableOf),
    groups: Object.fromEntries(
      Object.entries(app.groups).map(([name, group]) => [
        name,
        { endpoints: { ...group.endpoints }, tables: { ...group.tables } },
      ]),
    ),
    migrations: Object.keys(migrations).map((id) => ({ id, checksum: hashOf(id), breaking: false })),
    files: {},
    failed: [],
  }
  return {
    manifest,
    app,
    tables: new Map(tables.map((table) => [table.name, table])),
    async load(name) {
      const found = functions[name]
      if (found === undefined) throw new Error(`there is no function ${name}`)
      return found
    },
    async migration(id) {
      const found = migrations[id]
      if (found === undefined) throw new Error(`there is no migration ${id}`)
      return found
    },
  }
}
