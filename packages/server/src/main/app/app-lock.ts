import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ManifestTable, Manifest as Whole } from '@quarterdeck/sdk/functions/manifest'
import { z } from 'zod'
import { refusedChanges, type TablesOfApp } from '../../features/functions/migrate/breaking-changes.ts'

const name = 'quarterdeck.lock.json'

const Lock = z.object({
  version: z.literal(1),
  tables: z.array(ManifestTable),
  migrations: Whole.shape.migrations,
})

/** Where an app's lock lies: beside `app.ts`, also when the app is the `dist` that was built of it. */
export function lockPath(folder: string): string {
  return join(existsSync(join(folder, 'app.ts')) ? folder : dirname(folder), name)
}

/**
 * Holds an app against the one that was migrated to last. Throws with a list when it changes more than older code can
 * live with, and no new migration says so. Without a lock there is nothing to hold it against.
 */
export function checkAgainstLock(path: string, manifest: TablesOfApp): void {
  const before = readLock(path)
  const changes = before === null ? [] : refusedChanges(before, manifest)
  if (changes.length === 0) return
  throw new Error(
    [
      `The app breaks with what ${name} says of it:`,
      ...changes.map((change) => `  ${change}`),
      'Add a migration whose first line is // breaking, or take these changes back.',
    ].join('\n'),
  )
}

/** Remembers beside the sources what was migrated to. Where there is only what was built, the lock came with it. */
export function writeLock(path: string, { tables, migrations }: TablesOfApp): void {
  if (!existsSync(join(dirname(path), 'app.ts'))) return
  const text = `${JSON.stringify({ version: 1, tables, migrations }, null, 2)}\n`
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

function readLock(path: string): TablesOfApp | null {
  if (!existsSync(path)) return null
  try {
    return Lock.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    throw new Error(`${path} cannot be read; restore it, or delete it to begin anew`)
  }
}
