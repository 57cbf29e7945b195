import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAppFolder } from './find-app-files.ts'

const template = `import type { Context } from '@quarterdeck/sdk/functions'

/**
 * Runs once for each tenant, in one transaction without limits and rights; again from the start when somebody else wrote
 * what it read. Begin the file with "// breaking" when code of before cannot live with what it leaves.
 */
export async function up(tables: Context['tables']): Promise<void> {
  void tables
}
`

/** Writes an empty migration into an app folder under the next number; answers its path. Throws for a name that is none. */
export function writeNewMigration(folder: string, name: string): string {
  if (!/^[a-z][a-z0-9_]{0,59}$/.test(name))
    throw new Error('A migration is named with small letters, digits and _, such as add_priority')
  if (!isAppFolder(folder)) throw new Error(`${folder} holds no app.ts; begin one with quarterdeck init`)
  const migrations = join(folder, 'migrations')
  mkdirSync(migrations, { recursive: true })
  const numbers = readdirSync(migrations).map((file) => Number(/^(\d{4})_/.exec(file)?.[1] ?? 0))
  const next = Math.max(0, ...numbers) + 1
  if (next > 9_999) throw new Error('There are 9,999 migrations; a number has four digits')
  const path = join(migrations, `${String(next).padStart(4, '0')}_${name}.ts`)
  writeFileSync(path, template, { flag: 'wx' })
  return path
}
