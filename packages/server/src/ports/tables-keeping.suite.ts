import { afterEach, describe } from 'vitest'
import type { StartTables, TablesStand } from './tables.suite.ts'
import type { Tables } from './tables.ts'
import { collectTests } from './tables-collect.suite.ts'
import { migrationsTests } from './tables-migrations.suite.ts'
import { permissionsTests } from './tables-permissions.suite.ts'
import { sessionTests } from './tables-sessions.suite.ts'
import { versionsTests } from './tables-versions.suite.ts'

/** The suite of what the port `tables` keeps beside rows and commits: every engine runs it. */
export function tablesKeepingSuite(name: string, stand: () => Promise<TablesStand>) {
  describe(`what tables keep on ${name}`, () => {
    const stands: TablesStand[] = []
    const handles: Tables[] = []
    afterEach(async () => {
      for (const tables of handles.splice(0)) await tables.close()
      for (const one of stands.splice(0)) await one.dispose()
    })
    const start: StartTables = async () => {
      const one = await stand()
      stands.push(one)
      const open = async () => {
        const tables = await one.open()
        handles.push(tables)
        return tables
      }
      return { one, open, tables: await open() }
    }
    sessionTests(start)
    permissionsTests(start)
    versionsTests(start)
    migrationsTests(start)
    collectTests(start)
  })
}
