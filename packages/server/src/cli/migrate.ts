import { migrateDatabase, migrationPlan, migrationStatus } from '../main/migrations.ts'

/** Migrates, or shows what there is to migrate. */
export async function migrateVerb(options: { dryRun?: boolean; status?: boolean }): Promise<void> {
  if (options.dryRun) {
    for (const file of migrationPlan())
      console.log(`${file.version.padEnd(24)} ${file.checksum}${file.breaking ? '  breaking' : ''}`)
    return
  }
  if (options.status) {
    for (const file of await migrationStatus()) console.log(`${file.version.padEnd(24)} ${file.state}`)
    return
  }
  const applied = await migrateDatabase()
  if (applied.length === 0) console.log('Nothing to do: the database is up to date.')
  for (const version of applied) console.log(`applied ${version}`)
}
