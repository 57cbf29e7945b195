import { readMigrations } from '../../adapters/migration-files.ts'
import { migrationsFolder } from '../../adapters/postgres/migrate.ts'
import { prepareStatement } from '../../adapters/postgres/tables-prepare.ts'
import { declaredOf } from '../../adapters/tables-shape.ts'
import type { Config } from '../../config/resolve.ts'
import { shapesOf } from '../../features/functions/tables/table-shapes.ts'
import { checkAgainstLock, lockPath } from './app-lock.ts'
import { openApp } from './open-app.ts'
import { tenantsOf } from './tenants-of.ts'

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/**
 * What `migrate up` would have a new Postgres do: the SQL of this build, then for each tenant the app's tables and the
 * names of its migrations, which are code. Needs no database.
 */
export async function printMigrations(config: Config): Promise<string> {
  const app = await openApp(config)
  if (app !== null && config.app !== null) checkAgainstLock(lockPath(config.app), app.manifest)
  const parts = readMigrations(migrationsFolder).map(({ version, text }) => `-- ${version}\n${text.trim()}`)
  for (const tenant of app === null ? [] : tenantsOf(config)) {
    const { text, values } = prepareStatement(
      tenant,
      shapesOf(app?.manifest ?? { tables: [] }).map(declaredOf),
    )
    const sql = text.replace('$1', () => quoted(values[0])).replace('$2', () => quoted(values[1]))
    const tables = app?.manifest.tables.map(({ name }) => name).join(', ')
    parts.push(`-- tenant ${tenant}: ${tables === '' ? 'no tables' : `tables ${tables}`}\n${sql};`)
    for (const { id, breaking } of app?.manifest.migrations ?? [])
      parts.push(`-- tenant ${tenant}: ${id} in one transaction${breaking ? ', breaking' : ''}`)
  }
  return parts.join('\n\n')
}
