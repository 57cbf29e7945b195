import { randomUUID } from 'node:crypto'
import { memoryKeep } from '../../src/adapters/memory/keep.ts'
import { memoryTables } from '../../src/adapters/memory/tables.ts'

/** `keep` and `tables` in memory, under a clock that the test moves (Unix ms). */
export function memoryEngines(at = Date.parse('2026-05-03T09:30:00Z')) {
  const clock = { at }
  const now = () => clock.at
  return { clock, keep: memoryKeep({ now }), tables: memoryTables({ now, randomId: () => randomUUID() }) }
}
