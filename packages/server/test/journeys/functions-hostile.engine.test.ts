import { freshDatabase } from '../engines/databases.ts'
import { hostileJourney } from './functions-hostile.ts'

hostileJourney('postgres', async () => {
  const database = await freshDatabase()
  const env = {
    CONSOLE_TABLES_STORAGE: 'postgres',
    CONSOLE_KEEP_STORAGE: 'postgres',
    CONSOLE_TELEMETRY_STORAGE: 'postgres',
    CONSOLE_DATABASE_URL: database.url,
  }
  return { env, drop: () => database.drop() }
})
