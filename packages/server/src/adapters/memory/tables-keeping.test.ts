import { randomUUID } from 'node:crypto'
import { tablesKeepingSuite } from '../../ports/tables-keeping.suite.ts'
import { type MemoryTablesStore, memoryTables } from './tables.ts'

tablesKeepingSuite('memory', async () => {
  const store: MemoryTablesStore = new Map()
  const clock = { at: 1_700_000_000_000 }
  return {
    open: async () => memoryTables({ now: () => clock.at, randomId: randomUUID, store }),
    clock,
    durable: false,
    histories: 500,
    dispose: async () => undefined,
  }
})
