import type { Actor } from '@quarterdeck/sdk/actor'
import type { Code } from '@quarterdeck/sdk/errors'
import { createIngest } from '../../core/ingest.ts'
import { createProjection } from '../../core/projection.ts'
import type { Redactor } from '../../core/redact.ts'
import type { Keep } from '../../ports/keep.ts'
import type { Log } from '../../ports/log.ts'
import { recordsFeed, stateFeed } from './feeds.ts'
import { recordHandlers } from './handlers.ts'
import { recordKind } from './record-kind.ts'
import { recordsFold } from './records-fold.ts'
import { createRefusals } from './refusals.ts'

const livenessMs = 48 * 3_600_000

/** The area of records, put together: operations, topics, and what runs beside them. */
export function recordsArea(needs: {
  readonly log: Log
  readonly keep: Keep
  readonly key: Uint8Array
  readonly redact: Redactor
  readonly now: () => number
  readonly later: (ms: number, run: () => void) => void
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** Changes with the code of the fold. */
  readonly foldSource: string
  readonly journalRefusal: (actor: Actor, operation: string, code: Code) => void
}) {
  const { log, keep, now } = needs
  const projection = createProjection({
    log,
    fold: recordsFold(needs.foldSource),
    now: needs.now,
    pause: needs.pause,
  })
  const refusals = createRefusals({
    keep,
    redact: needs.redact,
    now,
    later: (run) => needs.later(1_000, run),
  })
  const ingest = createIngest({
    ...needs,
    kind: recordKind,
    refused(actor, record, code, path) {
      refusals.note(actor, record, code, path)
      needs.journalRefusal(actor, 'records.append', code)
    },
  })
  return {
    handlers: recordHandlers({ log, ingest, projection, refusals, now }),
    feeds: { state: stateFeed({ log, projection, now }), records: recordsFeed(log) },
    projection,
    /** Forgets liveness that can say nothing any more. Answers how many records went. */
    prune: (tenant: string) =>
      log.prune(tenant, now() - livenessMs, [
        { attribute: 'type', in: ['liveness.claim', 'liveness.heartbeat', 'liveness.release'] },
      ]),
    async stop() {
      await refusals.flush()
      await projection.stop()
    },
  }
}
