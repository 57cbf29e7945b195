import type { EventRecord } from '@quarterdeck/sdk/contract/record'
import type { RecordSummary } from '@quarterdeck/sdk/contract/state'
import type { FoldEntry } from './fold-entry.ts'

/** What is kept of an event to list it. */
export interface TimelineItem extends Omit<RecordSummary, 'receivedAt' | 'occurredAt' | 'subject'> {
  readonly receivedAt: number
  readonly occurredAt: number
  readonly subject: { readonly product: string; readonly kind: string; readonly id: string }
}

const length = 50

/** Puts an event at the end of the newest 50. */
export function joinTimeline(
  timeline: TimelineItem[],
  entry: FoldEntry,
  record: EventRecord,
  occurredAt: number,
): void {
  const { summary, reason } = record.payload
  const told = summary || reason
  const item: TimelineItem = {
    position: entry.position,
    id: entry.id,
    receivedAt: entry.receivedAt,
    occurredAt,
    schema: record.schema,
    type: record.type,
    producer: record.producer.id,
    product: record.producer.product,
    subject: record.subject,
    tier: entry.tier,
  }
  timeline.push(typeof told === 'string' && told !== '' ? { ...item, summary: told } : item)
  if (timeline.length > length * 4) timeline.splice(0, timeline.length - length)
}

/** A subject as a filter takes it: product/kind/id, each part percent-encoded. */
export function subjectPath(subject: TimelineItem['subject']): string {
  return [subject.product, subject.kind, subject.id].map(encodeURIComponent).join('/')
}

/** The newest 50 events, newest first. */
export function presentTimeline(timeline: readonly TimelineItem[]): RecordSummary[] {
  return timeline
    .slice(-length)
    .reverse()
    .map((item) => ({
      ...item,
      receivedAt: new Date(item.receivedAt).toISOString(),
      occurredAt: new Date(item.occurredAt).toISOString(),
      subject: subjectPath(item.subject),
    }))
}
