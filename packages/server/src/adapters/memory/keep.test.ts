import { keepSuite } from '../../ports/keep.suite.ts'
import { memoryKeep, memoryShelf } from './keep.ts'

keepSuite('memory', async () => {
  let at = 1_700_000_000_000
  const shelf = memoryShelf()
  return {
    open: async () => memoryKeep({ now: () => at, shelf, pollMs: 5 }),
    durable: false,
    short: 200,
    advance: async (ms) => {
      at += ms
    },
    dispose: async () => undefined,
  }
})
