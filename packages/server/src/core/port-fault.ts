import { Fault, fault } from '@quarterdeck/sdk/errors'

const lost = new Set(['LogLost', 'KeepLost', 'TablesLost', 'LogDamaged', 'IssuerLost'])

/** What a caller is told when a port fails: a fault as it is; a lost engine and a slow query by their codes. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error
  const name = error instanceof Error ? error.name : ''
  if (lost.has(name)) return fault('dependency_unavailable', undefined, { cause: error })
  if (name === 'CursorInvalid')
    return fault('invalid', undefined, { issues: [{ path: ['cursor'], message: 'is not one of this list' }] })
  if (name === 'TooSlow') return fault('query_too_slow', undefined, { cause: error })
  if (name === 'AbortError' || name === 'TimeoutError')
    return fault('deadline_exceeded', undefined, { cause: error })
  return fault('internal', undefined, { cause: error })
}
