import { fault } from '@quarterdeck/sdk/errors'
import { readFault } from '../tables/port-fault.ts'

/** Runs a read of tables; what the store refuses becomes a fault of the contract. */
export async function readingTables<Answer>(read: () => Promise<Answer>): Promise<Answer> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Error && error.name === 'SnapshotAhead')
      throw fault('invalid', undefined, {
        issues: [{ path: ['asOf'], message: 'lies after the last commit' }],
      })
    throw readFault(error)
  }
}
