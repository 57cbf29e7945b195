import type { Actor } from '@quarterdeck/sdk/actor'
import type { telemetry } from '@quarterdeck/sdk/contract/telemetry'
import type { Code } from '@quarterdeck/sdk/errors'
import type { FeedSource } from '../../core/feed.ts'
import { appendAnswer, createIngest, recordsOf } from '../../core/ingest.ts'
import { createMac } from '../../core/mac.ts'
import type { Handlers } from '../../core/perform.ts'
import type { Redactor } from '../../core/redact.ts'
import type { Keep } from '../../ports/keep.ts'
import type { Log } from '../../ports/log.ts'
import { telemetryFeed } from './feed.ts'
import { ingestOtlp } from './ingest-otlp.ts'
import { createMarkers } from './markers.ts'
import { type PlatformNotes, platformNotes } from './platform-notes.ts'
import { telemetryReads } from './reads.ts'
import { createSources, type SourceFiles } from './source-job.ts'
import { telemetryKind } from './telemetry-kind.ts'

const dayMs = 86_400_000

/** What the settings say of telemetry. */
export interface TelemetrySettings {
  readonly retentionDays: number
  readonly keepContent: boolean
  /** Where descriptors and record sources are read from. */
  readonly files: SourceFiles
}

/** The area of telemetry, put together: operations, its topic, and what runs beside them. */
export function telemetryArea(needs: {
  readonly log: Log
  readonly decisions: Log
  readonly keep: Keep
  readonly key: Uint8Array
  readonly redact: Redactor
  readonly settings: TelemetrySettings
  readonly homeTenant: string
  readonly now: () => number
  readonly randomId: () => string
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly journalRefusal: (actor: Actor, operation: string, code: Code) => void
}): {
  readonly handlers: Handlers<typeof telemetry>
  readonly feed: FeedSource
  /** For what the platform measures of itself. */
  readonly notes: PlatformNotes
  prune(tenant: string): Promise<number>
  minutely(): Promise<void>
  stop(): Promise<void>
} {
  const { log, now, settings } = needs
  const retentionMs = settings.retentionDays * dayMs
  const mac = createMac(needs.key)
  const ingest = createIngest({
    ...needs,
    kind: telemetryKind({ keepContent: settings.keepContent, retentionMs }),
    refused: (actor, _, code) => needs.journalRefusal(actor, 'telemetry.append', code),
  })
  const sources = createSources({ ...needs, files: settings.files, ingest, mac })
  const reads = telemetryReads({ log, now, descriptors: sources.descriptors, markers: createMarkers(needs) })
  const otlp = ingestOtlp({ ingest, mac })
  return {
    handlers: {
      async append({ actor, input }) {
        const { lone, records } = recordsOf(input)
        return appendAnswer(lone, await ingest(actor, records))
      },
      query: ({ actor, input }) => reads.query(actor, input),
      series: ({ actor, input }) => reads.series(actor, input),
      trace: ({ actor, input }) => reads.trace(actor, input),
      descriptors: ({ actor }) => reads.descriptors(actor),
      ingestTraces: async ({ actor, input }) => {
        const { rejected, message } = await otlp('traces', actor, input)
        return rejected === 0 ? {} : { partialSuccess: { rejectedSpans: rejected, errorMessage: message } }
      },
      ingestLogs: async ({ actor, input }) => {
        const { rejected, message } = await otlp('logs', actor, input)
        return rejected === 0
          ? {}
          : { partialSuccess: { rejectedLogRecords: rejected, errorMessage: message } }
      },
      ingestMetrics: async ({ actor, input }) => {
        const { rejected, message } = await otlp('metrics', actor, input)
        return rejected === 0
          ? {}
          : { partialSuccess: { rejectedDataPoints: rejected, errorMessage: message } }
      },
    },
    feed: telemetryFeed({ log, now, pause: needs.pause }),
    notes: platformNotes({ ...needs, mac }),
    prune: (tenant) => log.prune(tenant, now() - retentionMs),
    minutely: sources.run,
    stop: sources.stop,
  }
}
