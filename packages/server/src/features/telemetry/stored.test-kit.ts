import type { Actor } from '@quarterdeck/sdk/actor'
import type { Log } from '../../ports/log.ts'
import { telemetryAttributes } from './columns.ts'
import { type LoadedDescriptors, noDescriptors } from './descriptors.ts'
import { type Markers, telemetryReads } from './reads.ts'

export const now = Date.parse('2026-11-20T12:00:00Z')
export const actor: Actor = {
  tenant: 'acme',
  principal: 'ann',
  class: 'operator',
  permissions: ['telemetry:read'],
  credential: 'c',
}

/** The reads over a log at a fixed present, and a way to store records in it. */
export function stageOn(
  log: Log,
  more: { descriptors?: Partial<LoadedDescriptors>; markers?: Markers } = {},
) {
  const descriptors = { ...noDescriptors, ...more.descriptors }
  let count = 0
  const reads = telemetryReads({
    log,
    now: () => now,
    descriptors: () => descriptors,
    markers: more.markers ?? (async () => []),
  })
  /** Stores records; `ago` is how many seconds before now they happened. */
  async function store(...records: (Record<string, unknown> & { ago?: number })[]): Promise<void> {
    await log.append(
      actor.tenant,
      records.map(({ ago = 1, ...given }) => {
        count += 1
        const record = {
          schema_version: '1',
          event_type: 'tool.result',
          session_id: 's1',
          event_id: `e${count}`,
          ...given,
        }
        return {
          id: record.event_id,
          digest: String(count).padStart(64, '0'),
          occurredAt: now - ago * 1_000,
          receivedAt: now,
          attributes: telemetryAttributes(record),
          payload: JSON.stringify(record),
        }
      }),
    )
  }
  return { log, reads, store, descriptors }
}
