import { randomUUID } from 'node:crypto'
import { tablesSuite } from '../../ports/tables.suite.ts'
import { type MemoryTablesStore, memoryTables } from './tables.ts'

tablesSuite('memory', async () => {
  const store: MemoryTablesStore = new Map()
  const clock = { at: 1_700_000_000_000 }
  return {
    open: async () => memoryTables({ now: () => clock.at, randomId: randomUUID, store }),
    clock,
    durable: false,
    histories: 10_000,
    dispose: async () => undefined,
  }
})
