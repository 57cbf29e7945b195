import pg from 'pg'
import {
  type MigrationStatus,
  type MigrationStep,
  migrate,
  plan,
  status,
} from '../adapters/postgres/migrate.ts'
import { adoptTables } from '../adapters/postgres/tables-keeping.ts'
import { prepared } from '../adapters/sqlite/prepared.ts'
import { adoptTables as adoptInFile } from '../adapters/sqlite/tables-adopt.ts'
import type { Config } from '../config/resolve.ts'
import { isPostgres, openStore } from './engines.ts'
import { configure } from './environment.ts'

/** Whether there is a Postgres to migrate. */
export const standsOnPostgres: typeof isPostgres = isPostgres

/** The migrations of this build; needs no database. */
export function migrationPlan(): readonly MigrationStep[] {
  return plan()
}

async function withClient<Result>(
  run: (client: pg.Client) => Promise<Result>,
  config: Pick<Config, 'storage' | 'tablesStorage' | 'databaseUrl'> = configure(),
): Promise<Result> {
  if (!isPostgres(config) || config.databaseUrl === null)
    throw new Error('local storage migrates itself when it starts; there is no Postgres to migrate')
  const client = new pg.Client({ connectionString: config.databaseUrl })
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end()
  }
}

/** Every migration, applied or not. */
export function migrationStatus(): Promise<readonly MigrationStatus[]> {
  return withClient((client) => status(client))
}

/**
 * Applies what is missing, and takes in tables made by hand; answers the versions. A SQLite file is migrated by opening
 * it.
 */
export async function migrateDatabase(): Promise<readonly string[]> {
  const config = configure()
  if (!isPostgres(config)) {
    const store = openStore(config)
    try {
      adoptInFile(store, prepared(store), Date.now())
    } finally {
      store.close()
    }
    return []
  }
  return migratePostgres(config)
}

/** Applies what is missing in the Postgres of a configuration, and takes in tables made by hand; answers the versions. */
export function migratePostgres(
  config: Pick<Config, 'storage' | 'tablesStorage' | 'databaseUrl'>,
): Promise<readonly string[]> {
  return withClient(async (client) => {
    const applied = await migrate({ client, by: process.env.USER ?? 'quarterdeck', now: Date.now })
    await adoptTables(client, Date.now())
    return applied.map((step) => step.version)
  }, config)
}
