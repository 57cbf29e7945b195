import type { Redactor } from '../../core/redact.ts'
import type { AggregateRow, Entry, Filter, Grouping, Log, Query, Stored } from '../../ports/log.ts'
import { telemetryAttributes } from './columns.ts'
import { inTime, patience } from './matching.ts'
import type { platformPrefix } from './telemetry-kind.ts'

/** A measurement that the platform itself makes; scalars in it can be asked for under their dotted paths. */
export interface PlatformNote {
  /** Names it once and for all: 1 to 200 characters. */
  readonly event_id: string
  /** Begins with `quarterdeck.`, as nobody else's does. */
  readonly event_type: `${typeof platformPrefix}${string}`
  readonly session_id: string
  /** Unix ms. */
  readonly timestamp: number
  readonly [field: string]: unknown
}

/** The telemetry log for what the platform measures of itself. */
export interface PlatformNotes {
  append(tenant: string, notes: readonly PlatformNote[]): Promise<void>
  /** Both throw `query_too_slow`. */
  query(tenant: string, query: Query): Promise<readonly Stored[]>
  aggregate(
    tenant: string,
    filter: Filter,
    groupings: readonly Grouping[],
  ): Promise<readonly (readonly AggregateRow[])[]>
}

/** Makes the way in for the platform's own measurements, beside that of producers. */
export function platformNotes(needs: {
  readonly log: Log
  readonly redact: Redactor
  readonly now: () => number
  /** HMAC under the log key. */
  readonly mac: (text: string) => string
}): PlatformNotes {
  const { log, redact, mac } = needs

  function entryOf(note: PlatformNote, receivedAt: number): Entry {
    const record = { schema_version: '1', ...note }
    const text = JSON.stringify(record)
    const clean = redact.suspects(text) ? redact.value(record) : record
    return {
      id: note.event_id,
      digest: mac(text),
      occurredAt: note.timestamp,
      receivedAt,
      attributes: telemetryAttributes(clean),
      payload: clean === record ? text : JSON.stringify(clean),
    }
  }

  return {
    async append(tenant, notes) {
      const at = needs.now()
      await log.append(
        tenant,
        notes.map((note) => entryOf(note, at)),
      )
    },
    query: (tenant, query) => inTime(log.query(tenant, query, patience)),
    aggregate: (tenant, filter, groupings) => inTime(log.aggregate(tenant, filter, groupings, patience)),
  }
}
