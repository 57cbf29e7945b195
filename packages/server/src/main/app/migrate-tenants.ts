import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config/resolve.ts'
import { migrateApp } from '../../features/functions/migrate/migrate-app.ts'
import { migrateDatabase } from '../migrations.ts'
import { checkAgainstLock, lockPath, writeLock } from './app-lock.ts'
import { openApp } from './open-app.ts'
import { openTablesAlone } from './open-tables-alone.ts'
import { tenantsOf } from './tenants-of.ts'

/** What a migration did. */
export interface Migrated {
  /** Of the database, by version. */
  readonly database: readonly string[]
  /** Tables made by hand that are served now. */
  readonly adopted: number
  /** Null without an app. */
  readonly tenants: readonly { readonly tenant: string; readonly applied: readonly string[] }[] | null
}

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => undefined)

/** Brings the database up to this build, then takes in tables made by hand, then brings every tenant to the app. */
export async function migrateAll(config: Config): Promise<Migrated> {
  const app = await openApp(config)
  const lock = config.app === null ? null : lockPath(config.app)
  // Before anything is changed.
  if (app !== null && lock !== null) checkAgainstLock(lock, app.manifest)
  const database = await migrateDatabase()
  const { tables, close } = openTablesAlone(config)
  try {
    const adopted = await tables.adopt()
    if (app === null) return { database, adopted, tenants: null }
    const tenants = []
    for (const tenant of tenantsOf(config)) {
      const { applied } = await migrateApp({ app, tables, pause, newId: () => randomUUID() }, tenant)
      tenants.push({ tenant, applied })
    }
    if (lock !== null) writeLock(lock, app.manifest)
    return { database, adopted, tenants }
  } finally {
    await close()
  }
}
