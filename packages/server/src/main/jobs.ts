import type { Platform } from '../platform.ts'
import type { Logger } from './logger.ts'

/** Runs what a platform does by itself, each job at its interval and never twice at once. Answers what ends them. */
export function runJobs(platform: Platform, logger: Logger): () => void {
  const timers = platform.jobs.map(({ name, everyMs, atOnce, run }) => {
    let running = false
    const once = async () => {
      if (running) return
      running = true
      await run().catch(() => logger.warn({ job: name }, 'a job failed; it is tried again'))
      running = false
    }
    if (atOnce) void once()
    const timer = setInterval(() => void once(), everyMs)
    timer.unref()
    return timer
  })
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}
