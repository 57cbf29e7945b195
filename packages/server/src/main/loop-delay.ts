import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Watches how late the event loop runs. */
export function watchLoop(): {
  /** Seconds, the 99th percentile since it was last asked. */
  delay(): number
  stop(): void
} {
  const seen = monitorEventLoopDelay({ resolution: 20 })
  seen.enable()
  return {
    delay() {
      const seconds = seen.percentile(99) / 1e9
      seen.reset()
      return seconds
    },
    stop: () => void seen.disable(),
  }
}
