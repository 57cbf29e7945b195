import { randomUUID } from 'node:crypto'
import { memoryKeep, memoryShelf } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { racesSuite } from './races.suite.ts'

racesSuite('memory', async (clock) => {
  const now = () => clock.at
  const shelf = memoryShelf()
  const tables = memoryTables({ now, randomId: randomUUID })
  const process = () => ({ tables, keep: memoryKeep({ now, shelf }) })
  return { engines: [process(), process()], dispose: async () => undefined }
})
