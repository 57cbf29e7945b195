import type { z } from 'zod'
import type { RowChange } from '../contract/functions.ts'
import type { Fault } from '../errors.ts'
import type { Stream, StreamOptions } from './stream.ts'
import type { Gap, StreamStatus } from './stream-event.ts'

export type { RowChange } from '../contract/functions.ts'

export interface ChangesOptions {
  /** The number of a commit: what came after it is told first, as far as the history reaches. Absent: from now. */
  readonly after?: number
  /** Where the following begins, or goes on after a gap: all up to here was told, or must be read. */
  readonly onJoin?: (position: number) => void
  /** Some changes could not be told; `onJoin` follows. */
  readonly onGap?: (gap: Pick<Gap<ChangeTopic>, 'from' | 'to' | 'reason'>) => void
  /** The refusal that ended it. */
  readonly onProblem?: (fault: Fault) => void
  readonly onStatus?: (status: StreamStatus) => void
  readonly signal?: AbortSignal
}

/** Follows the rows of a table, commit by commit, until the function that it gives is called. */
export type Changes = (
  table: string,
  onChanges: (changes: readonly z.infer<typeof RowChange>[], position: number) => void,
  options?: ChangesOptions,
) => () => void

type ChangeTopic = `functions.change/${string}`

/** Makes the following of tables: each has a stream of its own, which resumes where it was cut. */
export function createChanges(
  open: (topics: readonly ChangeTopic[], options: StreamOptions<ChangeTopic>) => Stream,
): Changes {
  return (table, onChanges, options = {}) => {
    const stream = open([`functions.change/${table}`], {
      ...(options.after === undefined ? {} : { after: String(options.after) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      onEvent(event) {
        if (event.type === 'delta') onChanges(event.changes, event.position)
        else if (event.type === 'snapshot') options.onJoin?.(event.position)
        else if (event.type === 'gap') options.onGap?.(event)
      },
      onStatus: (status) => options.onStatus?.(status),
      onEnd(refusal) {
        if (refusal !== null) options.onProblem?.(refusal)
      },
    })
    return () => stream.close()
  }
}
