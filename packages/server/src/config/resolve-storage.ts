import type { Asking } from './asking.ts'

/** What the server stands on. */
export interface StorageConfig {
  readonly storage: 'local-jsonl' | 'sqlite' | 'postgres'
  readonly keepStorage: 'sqlite' | 'postgres' | 'redis'
  readonly tablesStorage: 'sqlite' | 'postgres'
  readonly databaseUrl: string | null
  readonly directUrl: string | null
  readonly redisUrl: string | null
  readonly dataDir: string
}

/** The storage of a configuration. Hosted: Postgres, and nothing else. */
export function resolveStorage(ask: Asking): StorageConfig {
  const { mode } = ask
  const storage = ask.text('CONSOLE_TELEMETRY_STORAGE') as StorageConfig['storage']
  const keepStorage = ask.text('CONSOLE_KEEP_STORAGE') as StorageConfig['keepStorage']
  const tablesStorage = (ask.text('CONSOLE_TABLES_STORAGE') ??
    (mode === 'hosted' || storage === 'postgres' ? 'postgres' : 'sqlite')) as StorageConfig['tablesStorage']
  const databaseUrl = ask.text('CONSOLE_DATABASE_URL')
  const redisUrl = ask.text('CONSOLE_REDIS_URL')
  if (mode === 'hosted') {
    if (storage !== 'postgres')
      ask.refuse(
        'storage_not_postgres',
        'CONSOLE_TELEMETRY_STORAGE',
        'hosted mode keeps its logs in postgres and nowhere else',
      )
    if (databaseUrl === null)
      ask.refuse('database_url_missing', 'CONSOLE_DATABASE_URL', 'hosted mode needs CONSOLE_DATABASE_URL')
    if (keepStorage === 'sqlite')
      ask.refuse(
        'storage_not_postgres',
        'CONSOLE_KEEP_STORAGE',
        'hosted mode keeps shared values in postgres or redis',
      )
    if (tablesStorage === 'sqlite')
      ask.refuse('storage_not_postgres', 'CONSOLE_TABLES_STORAGE', 'hosted mode keeps documents in postgres')
  }
  const inPostgres = [storage, keepStorage, tablesStorage].includes('postgres')
  const isPostgres = databaseUrl !== null && /^postgres(ql)?:\/\//.test(databaseUrl)
  if (inPostgres && databaseUrl !== null && !isPostgres)
    ask.refuse(
      'setting_invalid',
      'CONSOLE_DATABASE_URL',
      'CONSOLE_DATABASE_URL needs to be a postgres:// URL',
    )
  if (mode === 'local' && inPostgres && databaseUrl === null)
    ask.refuse(
      'database_url_missing',
      'CONSOLE_DATABASE_URL',
      'storage in postgres needs CONSOLE_DATABASE_URL',
    )
  if (storage !== 'postgres' && tablesStorage !== 'postgres' && isPostgres)
    ask.refuse(
      'setting_invalid',
      'CONSOLE_TELEMETRY_STORAGE',
      `CONSOLE_DATABASE_URL is of postgres, but the storage is ${storage}`,
    )
  if (keepStorage === 'redis' && redisUrl === null)
    ask.refuse('setting_invalid', 'CONSOLE_REDIS_URL', 'CONSOLE_KEEP_STORAGE=redis needs CONSOLE_REDIS_URL')
  return {
    storage,
    keepStorage,
    tablesStorage,
    databaseUrl,
    directUrl: ask.text('CONSOLE_DATABASE_DIRECT_URL'),
    redisUrl,
    dataDir: ask.text('CONSOLE_DATA_DIR') ?? '.quarterdeck',
  }
}
