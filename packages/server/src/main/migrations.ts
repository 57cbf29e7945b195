import pg from 'pg'
import {
  type MigrationStatus,
  type MigrationStep,
  migrate,
  plan,
  status,
} from '../adapters/postgres/migrate.ts'
import type { Config } from '../config/resolve.ts'
import { isPostgres, openStore } from './engines.ts'
import { configure } from './environment.ts'

/** The migrations of this build; needs no database. */
export function migrationPlan(): readonly MigrationStep[] {
  return plan()
}

async function withClient<Result>(
  run: (client: pg.Client) => Promise<Result>,
  config: Pick<Config, 'storage' | 'databaseUrl'> = configure(),
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

/** Applies what is missing; answers the versions. A SQLite file is migrated by opening it. */
export async function migrateDatabase(): Promise<readonly string[]> {
  const config = configure()
  if (!isPostgres(config)) {
    const store = openStore(config)
    store.close()
    return []
  }
  return migratePostgres(config)
}

/** Applies what is missing in the Postgres of a configuration; answers the versions. */
export function migratePostgres(config: Pick<Config, 'storage' | 'databaseUrl'>): Promise<readonly string[]> {
  return withClient(async (client) => {
    const applied = await migrate({ client, by: process.env.USER ?? 'quarterdeck', now: Date.now })
    return applied.map((step) => step.version)
  }, config)
}
