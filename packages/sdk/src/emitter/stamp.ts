import type { z } from 'zod'
import type {
  EconomicsRecord,
  EventRecord,
  LivenessRecord,
  Producer,
  ProjectionRecord,
} from '../contract/record.ts'
import type { TelemetryRecord } from '../contract/telemetry-record.ts'
import type { Kept } from '../outbox/backlog.ts'

/** A type whose named fields may be left out, because the emitter fills them. */
type Filled<T, Names extends keyof T> = { [K in keyof T as K extends Names ? never : K]: T[K] } & {
  [K in Names]?: T[K]
}

/** A record as a producer says it. The emitter fills in what it knows: producer, sequence, version, time, id. */
export type Emitted =
  | Filled<z.input<typeof EventRecord>, 'producer' | 'id' | 'version' | 'occurredAt'>
  | Filled<z.input<typeof ProjectionRecord>, 'producer' | 'version' | 'generatedAt'>
  | Filled<z.input<typeof LivenessRecord>, 'version' | 'at'>
  | Filled<z.input<typeof EconomicsRecord>, 'version'>

/** A measurement as a producer says it. */
export type EmittedTelemetry = Filled<z.input<typeof TelemetryRecord>, 'event_id'>

interface Needs {
  readonly producer: Producer
  readonly now: () => number
  readonly newId: () => string
  /** Taken only by what counts: a gap in it is a loss. */
  readonly nextSequence: () => number
}

type Stamped = Pick<Kept, 'id' | 'record' | 'sequence' | 'slot' | 'rank'>
type Fields = Readonly<Record<string, unknown>>

/** Completes a record, and says which slot it is the newest of, if it is. */
export function stamp(given: Emitted, needs: Needs): Stamped {
  const own = { version: '0.1', producer: needs.producer }
  const time = new Date(needs.now()).toISOString()
  switch (given.schema) {
    case 'console.event': {
      const { sequence } = numbered(given, needs)
      const record = { ...own, id: needs.newId(), occurredAt: time, ...given, sequence }
      return { id: record.id, record, sequence }
    }
    case 'console.projection': {
      const record = { ...own, generatedAt: time, ...given, id: given.id ?? needs.newId() }
      const { producer, scope } = record
      const slot = JSON.stringify(['projection', producer.product, producer.id, scope.kind, scope.id])
      return { id: record.id, record, slot, rank: Date.parse(record.generatedAt) }
    }
    case 'console.liveness': {
      const record = { ...own, at: time, ...given, type: given.type ?? 'claim' }
      const id = ['liveness', record.actor, record.subjectId, record.at, record.type].join(':')
      // At equal times a release wins.
      const rank = Date.parse(record.at) + (record.type === 'release' ? 0.5 : 0)
      return { id, record, slot: JSON.stringify(['liveness', record.actor, record.subjectId]), rank }
    }
    case 'console.economics':
      return { id: `economics:${given.run_id}`, record: { ...own, ...given } }
  }
}

/** Completes a measurement. */
export function stampTelemetry(given: EmittedTelemetry, needs: Needs): Stamped {
  const own = numbered(given, needs)
  const record = {
    event_id: needs.newId(),
    timestamp: needs.now(),
    producer: needs.producer,
    ...given,
    ...own,
  }
  return { id: record.event_id, record, ...own }
}

/** A producer that numbers its records itself keeps its numbers. */
function numbered(given: Fields, needs: Needs): { sequence: number } {
  return { sequence: typeof given.sequence === 'number' ? given.sequence : needs.nextSequence() }
}
