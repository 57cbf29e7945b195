import type { StreamEvent, StreamStatus } from '@quarterdeck/sdk/client'
import type { OperatingState, RecordSummary } from '@quarterdeck/sdk/contract/state'
import { applyChanges } from './apply-changes.ts'

/** What the live feed has said up to now. Each change makes a new one; unchanged parts stay the same objects. */
export interface Live {
  readonly status: StreamStatus
  readonly state: OperatingState | undefined
  /** The newest 50 records, newest first. */
  readonly records: readonly RecordSummary[]
  /** Measurements that arrived since the page joined, beside those of the 15 minutes before. */
  readonly telemetry: { readonly added: number; readonly position: number }
  /** Rises with whatever could make a whole state differ from `state`. */
  readonly heard: number
}

export interface LiveStore {
  readonly get: () => Live
  readonly subscribe: (listener: () => void) => () => void
  readonly take: (event: StreamEvent) => void
  readonly setStatus: (status: StreamStatus) => void
  /** A whole state that was asked for. One older than what is known already changes nothing. */
  readonly replaceState: (state: OperatingState) => void
}

const shown = 50

/** A store for one page. Events are gathered and told together, by `schedule`, so that a burst is one rendering. */
export function createLiveStore(schedule: (tell: () => void) => void): LiveStore {
  let live: Live = {
    status: 'connecting',
    state: undefined,
    records: [],
    telemetry: { added: 0, position: 0 },
    heard: 0,
  }
  let waiting: StreamEvent[] = []
  const listeners = new Set<() => void>()

  function set(next: Live): void {
    if (next === live) return
    live = next
    for (const listener of listeners) listener()
  }

  function tell(): void {
    const events = waiting
    waiting = []
    set(events.reduce(afterEvent, live))
  }

  return {
    get: () => live,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    take(event) {
      waiting.push(event)
      if (waiting.length === 1) schedule(tell)
    },
    setStatus: (status) => set({ ...live, status }),
    replaceState(state) {
      if (live.state === undefined || state.position >= live.state.position) set({ ...live, state })
    },
  }
}

function afterEvent(live: Live, event: StreamEvent): Live {
  // A gap says that a snapshot follows, and the snapshot replaces; a bye is told by the status.
  if (event.type === 'gap' || event.type === 'bye') return live
  const heard = live.heard + 1
  if (event.topic === 'state') {
    if (event.type === 'snapshot') return { ...live, state: event.state, heard }
    if (live.state === undefined || event.position <= live.state.position) return live
    return { ...live, heard, state: applyChanges(live.state, event.position, event.changes) }
  }
  if (event.topic === 'records') {
    const former = event.type === 'snapshot' ? [] : live.records
    const records = [...former, ...event.items].toSorted((a, b) => b.position - a.position).slice(0, shown)
    return { ...live, heard, records }
  }
  if (event.topic !== 'telemetry') return live
  const added = event.type === 'snapshot' ? event.added : live.telemetry.added + event.added
  return { ...live, telemetry: { added, position: event.position } }
}
