import { type Fault, fault } from '@quarterdeck/sdk/errors'
import { faultOf } from '../../../core/port-fault.ts'

/** What a caller is told when `tables` refuses a read. `at`: what the caller calls the time that it reads as of. */
export function readFault(error: unknown, at = 'at'): Fault {
  const name = error instanceof Error ? error.name : ''
  const text = error instanceof Error ? error.message : ''
  if (name === 'DocumentInvalid') return fault('invalid', text, { cause: error })
  if (name === 'IndexRequired') return fault('index_required', text, { cause: error })
  if (name === 'HistoryGone') return fault('history_gone', undefined, { cause: error })
  if (name === 'SnapshotAhead')
    return fault('invalid', undefined, { issues: [{ path: [at], message: 'lies after the last commit' }] })
  return faultOf(error)
}

/** What a caller is told when `tables` refuses a document. */
export function writeFault(error: unknown): Fault {
  if (!(error instanceof Error) || error.name !== 'DocumentInvalid') return faultOf(error)
  return fault('document_invalid', undefined, { issues: [{ path: [], message: error.message }] })
}
