import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Shown, whileShown } from './while-shown.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A page that is shown or hidden by the test, and the streams that were opened for it. */
function stage(visibilityState: DocumentVisibilityState = 'visible') {
  const events = new EventTarget()
  const page = {
    visibilityState,
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
  }
  const streams: { after: string | undefined; lastEventId: string | undefined; open: boolean }[] = []
  const following = whileShown({
    page: page as Shown,
    open(after) {
      const stream = {
        after,
        lastEventId: after,
        open: true,
        close() {
          stream.open = false
        },
      }
      streams.push(stream)
      return stream
    },
  })
  const become = (state: DocumentVisibilityState) => {
    page.visibilityState = state
    events.dispatchEvent(new Event('visibilitychange'))
  }
  return { streams, following, become }
}

test('a page that was hidden for long lets its stream go, and takes it up where it was', () => {
  const { streams, become } = stage()
  if (streams[0]) streams[0].lastEventId = '17.-'
  become('hidden')
  vi.advanceTimersByTime(29_000)
  expect(streams[0]?.open).toBe(true)
  vi.advanceTimersByTime(2_000)
  expect(streams[0]?.open).toBe(false)
  become('visible')
  expect(streams).toMatchObject([{ open: false }, { open: true, after: '17.-' }])
  // Nothing was heard meanwhile: where it was is not forgotten.
  become('hidden')
  vi.advanceTimersByTime(31_000)
  become('visible')
  expect(streams[2]).toMatchObject({ open: true, after: '17.-' })
})

test('a glance at another tab changes nothing', () => {
  const { streams, become } = stage()
  become('hidden')
  vi.advanceTimersByTime(20_000)
  become('visible')
  vi.advanceTimersByTime(60_000)
  expect(streams).toMatchObject([{ open: true }])
})

test('a page that is opened in the background waits there without a stream', () => {
  const { streams, become } = stage('hidden')
  expect(streams).toMatchObject([{ open: true }])
  vi.advanceTimersByTime(31_000)
  expect(streams).toMatchObject([{ open: false }])
  become('visible')
  expect(streams).toHaveLength(2)
})

test('what is opened again or stopped leaves no stream behind', () => {
  const { streams, following, become } = stage()
  if (streams[0]) streams[0].lastEventId = '3.-'
  following.again()
  expect(streams).toMatchObject([{ open: false }, { open: true, after: '3.-' }])
  following.stop()
  become('hidden')
  become('visible')
  following.again()
  vi.advanceTimersByTime(60_000)
  expect(streams.map(({ open }) => open)).toEqual([false, false])
})
