import type { Log } from '../ports/log.ts'
import type { Meter } from './meter.ts'

/** The log, with its appends counted and timed. */
export function meteredLog(log: Log, name: string, meter: Meter, now: () => number): Log {
  return {
    ...log,
    async append(tenant, entries) {
      const started = now()
      const verdicts = await log.append(tenant, entries)
      meter.observe('log_append_seconds', { log: name }, (now() - started) / 1_000)
      const counts = { accepted: 0, duplicate: 0, conflict: 0 }
      for (const verdict of verdicts) counts[verdict.status] += 1
      for (const [status, count] of Object.entries(counts)) {
        if (count > 0) meter.add('log_entries_total', { log: name, status }, count)
      }
      return verdicts
    },
  }
}
