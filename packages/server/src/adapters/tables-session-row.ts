import type { StoredSession, TxState } from './tables-keeping.ts'

/** How long a session's row outlives its expiry, ms: a call that took it up in time may run that long. */
export const sessionGraceMs = 5 * 60_000

/** After how long keys, answers and void commits go, ms. */
export const dayMs = 24 * 60 * 60_000

/** The first number that a session does not see, of all its reads; 0 when it read nothing yet. */
export function currentOf({ snapshot, oldest }: TxState): number {
  return snapshot === null ? 0 : Math.min(snapshot, oldest ?? snapshot) + 1
}

/** A session's state as JSON text. */
export function bufferOf(session: StoredSession): string {
  return JSON.stringify(session.state)
}

/** The state in a stored text. */
export function stateIn(buffer: string): TxState {
  // What is stored was put away by this code.
  return JSON.parse(buffer) as TxState
}
