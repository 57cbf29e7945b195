import { TelemetryRecord } from '@quarterdeck/sdk/contract/telemetry-record'
import { fault } from '@quarterdeck/sdk/errors'
import { instantOf, type Kind, producerOf } from '../../core/ingest.ts'
import { parse } from '../../core/perform.ts'
import { trim } from '../../core/trim.ts'
import { telemetryAttributes } from './columns.ts'
import { isContent, mayHoldContent } from './content.ts'

/** What the platform measures of itself is of types that begin so. Nobody else may say what looks like it. */
export const platformPrefix = 'quarterdeck.'

/** How telemetry is taken: what names a measurement, when it was made, and what is not kept of it. */
export function telemetryKind(needs: { readonly keepContent: boolean; readonly retentionMs: number }): Kind {
  return {
    tell(record, actor) {
      const producer = record.producer as { id?: unknown; product?: unknown } | undefined
      if (
        producer !== undefined &&
        (typeof producer?.id !== 'string' || typeof producer.product !== 'string')
      ) {
        throw fault('invalid', undefined, {
          issues: [{ path: ['producer'], message: 'needs an id and a product' }],
        })
      }
      // Stock exporters name no producer; a credential that is bound to several may send what is of none of them.
      if (producer === undefined)
        return { producer: null, tier: actor.producers === undefined ? 'unbound' : 'own' }
      return producerOf(producer, actor, undefined)
    },
    read(record, _, now) {
      const parsed = parse(TelemetryRecord, record)
      if (parsed.event_type.startsWith(platformPrefix))
        throw fault('invalid', undefined, {
          issues: [{ path: ['event_type'], message: 'is one that only the platform itself tells' }],
        })
      const warnings: string[] = []
      const { timestamp } = parsed
      const occurredAt = timestamp === undefined ? now : instantOf(timestamp, ['timestamp'], now, warnings)
      if (occurredAt < now - needs.retentionMs) throw fault('too_old')
      return {
        id: parsed.event_id,
        occurredAt,
        attributes: {},
        warnings,
        identifying: [parsed.event_id, parsed.session_id, parsed.event_type],
      }
    },
    attributes: telemetryAttributes,
    hasContent: (json) => !needs.keepContent && mayHoldContent(json),
    trim: (record, mac) =>
      trim(record, mac, needs.keepContent ? () => false : isContent) as Record<string, unknown>,
  }
}
