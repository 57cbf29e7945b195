import type { StreamStatus } from './stream-event.ts'

/** How long a feed may be away before what it last said is called stale. */
const staleAfter = 5_000

/** Tells each change of a feed's status once; `stale` follows `connecting` when being away has lasted 5 s. */
export function createStatusKeeper(tell: (status: StreamStatus) => void) {
  let current: StreamStatus | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function become(status: StreamStatus): void {
    if (status === current) return
    current = status
    tell(status)
  }

  function settle(status: 'live' | 'closed'): void {
    clearTimeout(timer)
    timer = undefined
    become(status)
  }

  return {
    lost(): void {
      if (timer !== undefined) return
      become('connecting')
      timer = setTimeout(() => become('stale'), staleAfter)
    },
    live: () => settle('live'),
    closed: () => settle('closed'),
  }
}
