import { afterAll, beforeAll } from 'vitest'
import { type FreshDatabase, freshDatabase } from './engines/databases.ts'
import { limitsBetweenProcesses } from './limits-processes.ts'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

limitsBetweenProcesses('postgres', async () => database.url)
