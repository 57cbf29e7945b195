import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { createContext, type ReactNode, useEffect, useState } from 'react'
import { client } from '../app/client.ts'
import { may } from '../app/may.ts'
import { sessionLives } from '../app/queries.ts'
import { createLiveStore, type LiveStore } from './live-store.ts'
import { type Following, whileShown } from './while-shown.ts'

export const LiveContext = createContext<LiveStore | null>(null)

/** How long events are gathered before they are shown. */
const gather = 100
/** A whole state is asked for so long after the last event, not more often than `apart`, and at least each minute. */
const settle = 1_000
const apart = 3_000
const atLeast = 60_000
/** How long after a refusal the feed is tried again where the session turned out to live on. */
const anew = 1_000

/** Follows the live feed while the page is open and shares it with all that is inside. */
export function LiveProvider(props: { readonly session: SessionView; readonly children: ReactNode }) {
  const { session } = props
  const [store] = useState(() => createLiveStore((tell) => setTimeout(tell, gather)))

  const records = may(session, 'records:read')
  const telemetry = may(session, 'telemetry:read')
  useEffect(() => follow(topicsFor(records, telemetry), store), [records, telemetry, store])

  useEffect(() => keepWhole(store), [store])

  return <LiveContext value={store}>{props.children}</LiveContext>
}

type FeedTopic = 'state' | 'records' | 'telemetry'

/** Follows the feed while the page is shown. Answers how to stop. */
function follow(topics: readonly FeedTopic[], store: LiveStore): () => void {
  if (topics.length === 0) return () => {}
  let timer: ReturnType<typeof setTimeout> | undefined
  const following: Following = whileShown({
    page: document,
    open: (after) =>
      client.stream(topics, {
        ...(after === undefined ? {} : { after }),
        onEvent: store.take,
        onStatus: store.setStatus,
        async onEnd(fault) {
          if (fault?.status !== 401) return
          // Enrolling a factor puts another session in the place of this one. Where there is none, asking leads away.
          if (await sessionLives()) timer = setTimeout(following.again, anew)
        },
      }),
  })
  return () => {
    clearTimeout(timer)
    following.stop()
  }
}

/** The feed refuses all topics for want of one permission, so only those that are held are asked for. */
function topicsFor(records: boolean, telemetry: boolean): FeedTopic[] {
  return [...(records ? (['state', 'records'] as const) : []), ...(telemetry ? (['telemetry'] as const) : [])]
}

/** Deltas tell of objects alone; what needs somebody, and who works, comes with a whole state after them. */
function keepWhole(store: LiveStore): () => void {
  const stop = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let due = Number.POSITIVE_INFINITY
  let heard = 0
  let asked = 0

  function plan(wait: number): void {
    const at = Math.max(Date.now() + wait, asked + apart)
    if (at >= due) return
    due = at
    clearTimeout(timer)
    timer = setTimeout(ask, at - Date.now())
  }

  async function ask(): Promise<void> {
    due = Number.POSITIVE_INFINITY
    asked = Date.now()
    const { state, status } = store.get()
    if (state !== undefined && status === 'live' && document.visibilityState === 'visible') {
      // A failure shows as staleness of the feed; the next turn asks again.
      await client.records.state({}, { signal: stop.signal }).then(store.replaceState, () => {})
    }
    if (!stop.signal.aborted) plan(atLeast)
  }

  const unsubscribe = store.subscribe(() => {
    if (store.get().heard === heard) return
    // The first is the snapshot, and whole.
    if (heard > 0) plan(settle)
    heard = store.get().heard
  })
  plan(atLeast)
  return () => {
    stop.abort()
    clearTimeout(timer)
    unsubscribe()
  }
}
