import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fault } from '@quarterdeck/sdk/errors'
import { appStatus } from '../main/app/app-status.ts'
import { migrateAll } from '../main/app/migrate-tenants.ts'
import { writeNewMigration } from '../main/app/new-migration.ts'
import { printMigrations } from '../main/app/print-migrations.ts'
import { configure } from '../main/environment.ts'
import { migrationPlan, migrationStatus, standsOnPostgres } from '../main/migrations.ts'

export interface MigrateOptions {
  readonly dryRun?: boolean
  readonly status?: boolean
  readonly print?: boolean
  /** The folder of an app's sources. */
  readonly app?: string
}

/** Migrates database and app, shows what there is to migrate, or begins a migration of the app. */
export async function migrateVerb(
  what: string | undefined,
  name: string | undefined,
  options: MigrateOptions,
): Promise<void> {
  if (what === 'create') return create(name, options)
  if (what !== undefined && what !== 'up' && what !== 'status')
    throw fault('invalid', `migrate knows up, status and create, not ${what}`)
  if (options.dryRun) {
    for (const file of migrationPlan())
      console.log(`${file.version.padEnd(24)} ${file.checksum}${file.breaking ? '  breaking' : ''}`)
    return
  }
  if (options.print) return console.log(await printMigrations(configure()))
  if (options.status || what === 'status') return showStatus()
  const { database, adopted, tenants } = await migrateAll(configure())
  for (const version of database) console.log(`applied ${version}`)
  if (adopted > 0) console.log(`took in ${adopted} ${adopted === 1 ? 'table' : 'tables'} made by hand`)
  const steps = (tenants ?? []).flatMap(({ tenant, applied }) => applied.map((id) => ({ tenant, id })))
  for (const { tenant, id } of steps) console.log(`applied ${id} for ${tenant}`)
  if (database.length + adopted + steps.length === 0)
    console.log('Nothing to do: the database is up to date.')
  if (tenants !== null) console.log(`The app stands for ${tenants.map(({ tenant }) => tenant).join(', ')}.`)
}

async function showStatus(): Promise<void> {
  const config = configure()
  // Local storage migrates itself; then there is only the app to ask about.
  const files = config.app === null || standsOnPostgres(config) ? await migrationStatus() : []
  for (const file of files) console.log(`${file.version.padEnd(24)} ${file.state}`)
  if (config.app === null) return
  if (files.some(({ state }) => state === 'pending'))
    return console.log('How far the app is can be said once the database is up to date.')
  for (const { tenant, step, state } of await appStatus(config))
    console.log(`${step.padEnd(24)} ${state.padEnd(8)} ${tenant}`)
}

function create(name: string | undefined, { app }: MigrateOptions): void {
  if (name === undefined)
    throw fault('invalid', 'A migration needs a name, such as: migrate create add_priority')
  const folder = app ?? configure().app ?? (existsSync('app.ts') ? '.' : 'app')
  // What was built has no place for sources; they lie above it.
  const sources = existsSync(join(folder, 'manifest.json')) ? join(folder, '..') : folder
  console.log(`wrote ${writeNewMigration(sources, name)}`)
}
