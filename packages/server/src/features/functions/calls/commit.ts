import { fault } from '@quarterdeck/sdk/errors'
import type { Meter } from '../../../core/meter.ts'
import { faultOf } from '../../../core/port-fault.ts'
import type { CommitMeta, Outcome, Tables, Tx } from '../../../ports/tables.ts'
import type { Stop } from './stop.ts'

export type Committed = Extract<Outcome, { state: 'committed' }>

/** Commits a transaction. Null: it is certain that another came first, or that it never happened, and it may be tried anew. */
export type Commit = (
  tx: Tx,
  tenant: string,
  meta: CommitMeta,
  stop: Pick<Stop, 'committing'>,
) => Promise<Committed | null>

const settleMs = 5_000
const pauseMs = 100

const counted = (outcome: string) => Object.freeze({ outcome })
const labels = {
  committed: counted('committed'),
  repeated: counted('repeated'),
  conflict: counted('conflict'),
  unique: counted('unique'),
  forbidden: counted('forbidden'),
  unknown: counted('unknown'),
}

/**
 * Makes what commits. A lost answer is asked for, up to 5 s, until it is certain what became of the commit. Throws
 * `unique_violation`, `forbidden`, `dependency_unavailable` when nothing was sent, and `outcome_unknown`.
 */
export function createCommit(needs: {
  readonly tables: Pick<Tables, 'settle'>
  readonly meter: Meter
  readonly now: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}): Commit {
  const { tables, meter, now, pause } = needs
  const never = new AbortController().signal

  async function settled(tenant: string, sid: string): Promise<Exclude<Outcome, { state: 'unknown' }>> {
    const until = now() + settleMs
    while (true) {
      try {
        const outcome = await tables.settle(tenant, sid)
        if (outcome.state !== 'unknown') return outcome
      } catch {
        // It is away: that is why we ask.
      }
      if (now() >= until) throw fault('outcome_unknown')
      await pause(pauseMs, never)
    }
  }

  async function outcomeOf(tx: Tx, tenant: string, meta: CommitMeta) {
    let outcome: Outcome
    try {
      outcome = await tx.commit(meta)
    } catch (error) {
      throw faultOf(error)
    }
    if (outcome.state !== 'unknown') return outcome
    meter.add('tables_commits_total', labels.unknown)
    return settled(tenant, tx.sid)
  }

  return async (tx, tenant, meta, stop) => {
    stop.committing = true
    try {
      const outcome = await outcomeOf(tx, tenant, meta)
      if (outcome.state === 'committed') {
        if (outcome.number !== null)
          meter.add(
            'tables_commits_total',
            outcome.repeated === undefined ? labels.committed : labels.repeated,
          )
        return outcome
      }
      const { why, table } = outcome
      meter.add('tables_commits_total', labels[why])
      if (why === 'conflict') return null
      const members = table === undefined ? {} : { table }
      throw fault(why === 'unique' ? 'unique_violation' : 'forbidden', undefined, { members })
    } finally {
      stop.committing = false
    }
  }
}
