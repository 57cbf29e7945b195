import { logSuite } from '../../ports/log.suite.ts'
import { memoryLog } from './log.ts'

logSuite('memory', async (shape, seal) => {
  const log = memoryLog(seal === undefined ? { shape } : { shape, seal })
  return { open: async () => log, shared: true, durable: false, dispose: () => log.close() }
})
