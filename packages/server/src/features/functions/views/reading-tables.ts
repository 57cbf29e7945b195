import { readFault } from '../tables/port-fault.ts'

/** Runs a read of tables; what the store refuses becomes a fault of the contract. */
export async function readingTables<Answer>(read: () => Promise<Answer>): Promise<Answer> {
  try {
    return await read()
  } catch (error) {
    throw readFault(error, 'asOf')
  }
}
