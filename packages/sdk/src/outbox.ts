import { type Backlog, type Change, createBacklog } from './outbox/backlog.ts'

export type { Backlog, Change, Kept, Undelivered } from './outbox/backlog.ts'
export { type FileOutboxOptions, fileOutbox } from './outbox/file-outbox.ts'

/** Where an emitter keeps what no sink has taken yet. It belongs to one emitter. */
export interface Outbox {
  /** What an earlier process left, for the sinks of this one. */
  readonly open: (sinks: readonly string[]) => Promise<Backlog>
  /** Makes changes last and then applies them to the backlog, all or none, in the order written. */
  readonly write: (changes: readonly Change[]) => Promise<void>
  readonly close: () => Promise<void>
}

/** An outbox that lasts as long as the process. */
export function memoryOutbox(): Outbox {
  let backlog: Backlog | undefined
  return {
    async open(sinks) {
      backlog ??= createBacklog(sinks)
      return backlog
    },
    async write(changes) {
      for (const change of changes) backlog?.apply(change)
    },
    async close() {},
  }
}
