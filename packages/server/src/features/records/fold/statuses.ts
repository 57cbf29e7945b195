import type { ArrayName } from '@quarterdeck/sdk/contract/record'

/** Statuses after which nothing more is expected. Every other one, also one that is not listed, counts as open. */
const finished: Partial<Record<ArrayName, ReadonlySet<string>>> = {
  processes: new Set(['completed', 'failed', 'cancelled']),
  gates: new Set(['passed', 'accepted_by_exception']),
  claims: new Set(['verified', 'superseded', 'rejected']),
  reviewItems: new Set(['approved', 'rejected']),
  actions: new Set(['completed', 'disabled']),
  exceptions: new Set(['accepted', 'rejected', 'expired']),
  evidence: new Set(['available']),
  inquiries: new Set(['matched', 'derived', 'unsupported']),
}

const settledFromBirth: ReadonlySet<ArrayName> = new Set(['decisions', 'learnings'])

/** Whether an object of this array with this status is done with. */
export function isFinished(array: ArrayName, status: string | null): boolean {
  if (settledFromBirth.has(array)) return true
  return status !== null && (finished[array]?.has(status) ?? false)
}

/** The field that holds an object's status: an inquiry has an outcome in its place. */
export function statusField(array: ArrayName): 'status' | 'outcome' {
  return array === 'inquiries' ? 'outcome' : 'status'
}
