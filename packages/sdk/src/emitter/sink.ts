import type { Receipt } from '../contract/record.ts'
import type { LogName } from '../outbox/backlog.ts'

/** Somewhere that records go. Each sink is delivered to, and reports, apart from the others. */
export interface Sink {
  /** Names it in the outbox, so that a restart knows what it has taken already. */
  readonly name: string
  /** One receipt for each record, in order. Throws a `Fault` when the batch as a whole was not taken. */
  readonly deliver: (
    log: LogName,
    records: readonly Readonly<Record<string, unknown>>[],
    signal: AbortSignal,
  ) => Promise<readonly Receipt[]>
}
