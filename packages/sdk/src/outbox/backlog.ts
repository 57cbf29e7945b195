import type { Issue } from '../errors.ts'

export type LogName = 'records' | 'telemetry'

/** A record that waits. `n` orders it within its outbox and names it there. */
export interface Kept {
  readonly n: number
  readonly log: LogName
  readonly id: string
  /** Length of its JSON in bytes. */
  readonly bytes: number
  readonly record: Readonly<Record<string, unknown>>
  /** The sequence number it carries, if the outbox gave it one. */
  readonly sequence?: number
  /** Of all with the same slot only the one of the highest rank is worth keeping; of equals the later. */
  readonly slot?: string
  readonly rank?: number
}

/** What a sink refused for good. */
export interface Undelivered {
  readonly sink: string
  readonly code: string
  readonly issues?: readonly Issue[]
  readonly kept: Kept
}

export type Change =
  | { readonly put: Kept; readonly for?: readonly string[] }
  | { readonly done: readonly number[]; readonly sink: string }
  | {
      readonly lost: number
      readonly sink: string
      readonly code: string
      readonly issues?: readonly Issue[]
    }
  | { readonly undelivered: Undelivered }
  | { readonly base: { n: number; sequence: Record<LogName, number>; dropped: number } }

/** What waits for each sink: a fold over changes, the same after a restart as before it. */
export interface Backlog {
  readonly apply: (change: Change) => void
  /** The oldest that wait, at most so many records and, beyond the first, so many bytes. */
  readonly oldest: (sink: string, log: LogName, most: { records: number; bytes: number }) => readonly Kept[]
  readonly pending: (sink: string) => number
  readonly undelivered: () => readonly Undelivered[]
  readonly dropped: () => number
  /** The highest numbers given so far. */
  readonly last: () => { readonly n: number; readonly sequence: Readonly<Record<LogName, number>> }
  /** The fewest changes that fold to the same. */
  readonly snapshot: () => readonly Change[]
}

/** Telemetry is a ring: above this the oldest is dropped. The list of the undelivered is one too. */
const ringSize = 10_000

interface Queue {
  readonly records: Map<number, Kept>
  readonly telemetry: Map<number, Kept>
  readonly slots: Map<string, Kept>
}

/** An empty backlog for these sinks. */
export function createBacklog(sinks: readonly string[]): Backlog {
  const queues = new Map<string, Queue>(
    sinks.map((sink) => [sink, { records: new Map(), telemetry: new Map(), slots: new Map() }]),
  )
  let undelivered: Undelivered[] = []
  let dropped = 0
  let n = 0
  const sequence = { records: 0, telemetry: 0 }

  function put(kept: Kept, queue: Queue): void {
    if (kept.slot !== undefined) {
      const former = queue.slots.get(kept.slot)
      if (former !== undefined) {
        if ((former.rank ?? 0) > (kept.rank ?? 0)) return
        queue[former.log].delete(former.n)
      }
      queue.slots.set(kept.slot, kept)
    }
    queue[kept.log].set(kept.n, kept)
    if (queue.telemetry.size > ringSize) {
      const [oldest] = queue.telemetry.keys()
      if (oldest !== undefined) queue.telemetry.delete(oldest)
      dropped += 1
    }
  }

  function take(sink: string, number: number): Kept | undefined {
    const queue = queues.get(sink)
    const kept = queue?.records.get(number) ?? queue?.telemetry.get(number)
    if (queue === undefined || kept === undefined) return undefined
    queue[kept.log].delete(number)
    if (kept.slot !== undefined && queue.slots.get(kept.slot) === kept) queue.slots.delete(kept.slot)
    return kept
  }

  function refuse(refused: Undelivered): void {
    undelivered.push(refused)
    if (undelivered.length <= ringSize) return
    undelivered = undelivered.slice(-ringSize)
    dropped += 1
  }

  function apply(change: Change): void {
    if ('put' in change) {
      const { put: kept } = change
      n = Math.max(n, kept.n)
      sequence[kept.log] = Math.max(sequence[kept.log], kept.sequence ?? 0)
      for (const [sink, queue] of queues) {
        if (change.for === undefined || change.for.includes(sink)) put(kept, queue)
      }
    } else if ('done' in change) {
      for (const number of change.done) take(change.sink, number)
    } else if ('lost' in change) {
      const kept = take(change.sink, change.lost)
      const { sink, code, issues } = change
      if (kept !== undefined) refuse({ sink, code, kept, ...(issues === undefined ? {} : { issues }) })
    } else if ('undelivered' in change) {
      refuse(change.undelivered)
    } else {
      n = Math.max(n, change.base.n)
      dropped += change.base.dropped
      sequence.records = Math.max(sequence.records, change.base.sequence.records)
      sequence.telemetry = Math.max(sequence.telemetry, change.base.sequence.telemetry)
    }
  }

  return {
    apply,
    oldest(sink, log, most) {
      const batch: Kept[] = []
      let bytes = 0
      for (const kept of queues.get(sink)?.[log].values() ?? []) {
        bytes += kept.bytes + 1
        if (batch.length >= most.records || (batch.length > 0 && bytes > most.bytes)) break
        batch.push(kept)
      }
      return batch
    },
    pending(sink) {
      const queue = queues.get(sink)
      return queue === undefined ? 0 : queue.records.size + queue.telemetry.size
    },
    undelivered: () => undelivered,
    dropped: () => dropped,
    last: () => ({ n, sequence }),
    snapshot() {
      const waiting = new Map<Kept, string[]>()
      for (const [sink, { records, telemetry }] of queues) {
        for (const kept of [...records.values(), ...telemetry.values()]) {
          waiting.set(kept, [...(waiting.get(kept) ?? []), sink])
        }
      }
      return [
        { base: { n, sequence: { ...sequence }, dropped } },
        ...undelivered.map((refused) => ({ undelivered: refused })),
        ...[...waiting]
          .toSorted(([a], [b]) => a.n - b.n)
          .map(([kept, names]) => (names.length === queues.size ? { put: kept } : { put: kept, for: names })),
      ]
    },
  }
}
