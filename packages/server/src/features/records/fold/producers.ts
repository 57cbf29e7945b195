import { compareText } from './compare-text.ts'
import type { FoldEntry } from './fold-entry.ts'
import { noteSequence, type SequenceTrack } from './sequence-gaps.ts'

/** What was heard of one producer. */
export interface HeardProducer {
  readonly product: string
  readonly id: string
  /** Unix ms. */
  lastSeen: number
  /** Records by schema. */
  readonly counts: Record<string, number>
  /** By run: each run of a producer counts for itself. */
  readonly streams: Map<string, SequenceTrack>
}

/** One producer as lists show it; refusals are the platform's to add. */
export interface ProducerRow {
  readonly product: string
  readonly id: string
  readonly lastSeen: string
  readonly counts: Record<string, number>
  readonly gaps: { from: number; to: number }[]
}

export type ProducersState = Map<string, Map<string, HeardProducer>>

const streamsKept = 256

/** Counts one record of any schema to the producer it names. */
export function noteProducer(producers: ProducersState, entry: FoldEntry): void {
  const { producer, schema, sequence } = entry.record as {
    producer?: { id?: unknown; product?: unknown; runId?: unknown }
    schema: string
    sequence?: unknown
  }
  if (typeof producer?.id !== 'string' || typeof producer.product !== 'string') return
  const heard = obtain(producers, producer.product, producer.id)
  if (entry.receivedAt > heard.lastSeen) heard.lastSeen = entry.receivedAt
  heard.counts[schema] = (heard.counts[schema] ?? 0) + 1
  if (typeof sequence !== 'number') return
  const stream = typeof producer.runId === 'string' ? producer.runId : ''
  const track = heard.streams.get(stream)
  if (track !== undefined) {
    noteSequence(track, sequence)
    return
  }
  heard.streams.set(stream, noteSequence(undefined, sequence))
  if (heard.streams.size > streamsKept) {
    const [oldest] = heard.streams.keys()
    if (oldest !== undefined) heard.streams.delete(oldest)
  }
}

function obtain(producers: ProducersState, product: string, id: string): HeardProducer {
  let byId = producers.get(product)
  if (byId === undefined) {
    byId = new Map()
    producers.set(product, byId)
  }
  let heard = byId.get(id)
  if (heard === undefined) {
    heard = { product, id, lastSeen: 0, counts: {}, streams: new Map() }
    byId.set(id, heard)
  }
  return heard
}

/** All producers heard, in the order they first spoke within their product. */
export function* heardProducers(producers: ProducersState): Generator<HeardProducer> {
  for (const byId of producers.values()) yield* byId.values()
}

/** All producers by product and id, with the sequence numbers missing between those that came. */
export function presentProducers(producers: ProducersState): ProducerRow[] {
  return [...heardProducers(producers)]
    .sort((a, b) => compareText(a.product, b.product) || compareText(a.id, b.id))
    .map((heard) => ({
      product: heard.product,
      id: heard.id,
      lastSeen: new Date(heard.lastSeen).toISOString(),
      counts: { ...heard.counts },
      gaps: [...heard.streams.values()].flatMap((track) => track.gaps.map((gap) => ({ ...gap }))),
    }))
}
