import type { Tier } from '@quarterdeck/sdk/contract/record'
import type { StoredRecord } from '@quarterdeck/sdk/contract/records'
import type { RecordSummary } from '@quarterdeck/sdk/contract/state'
import { z } from 'zod'
import { readCursor, writeCursor } from '../../core/cursor.ts'
import type { Clause, Log, Stored } from '../../ports/log.ts'

const text = (value: unknown) => (typeof value === 'string' ? value : '')
const shownSummary = 300

/** A stored entry as the API shows it. */
export function storedRecord(entry: Stored): z.infer<typeof StoredRecord> {
  return {
    position: entry.position,
    receivedAt: new Date(entry.receivedAt).toISOString(),
    tier: entry.attributes.tier as Tier,
    record: JSON.parse(entry.payload) as Record<string, unknown>,
  }
}

/** A stored entry as lists and the feed show it. */
export function summaryOf(entry: Stored): RecordSummary {
  const { attributes } = entry
  const record = JSON.parse(entry.payload) as { payload?: { summary?: unknown; reason?: unknown } }
  const summary = text(record.payload?.summary) || text(record.payload?.reason)
  return {
    position: entry.position,
    id: entry.id,
    receivedAt: new Date(entry.receivedAt).toISOString(),
    occurredAt: new Date(entry.occurredAt).toISOString(),
    schema: text(attributes.schema),
    type: text(attributes.type),
    producer: text(attributes.producer_id),
    product: text(attributes.product),
    subject: attributes.subject === null ? null : text(attributes.subject),
    tier: attributes.tier as Tier,
    ...(summary === '' ? {} : { summary: summary.slice(0, shownSummary) }),
  }
}

/** A page of stored records by position, optionally of one type, correlation or subject. */
export async function listRecords(
  log: Log,
  tenant: string,
  input: {
    after?: number | undefined
    type?: string | undefined
    correlation?: string | undefined
    subject?: string | undefined
    cursor?: string | undefined
    limit: number
  },
): Promise<{ items: z.infer<typeof StoredRecord>[]; nextCursor?: string }> {
  const after = input.cursor === undefined ? (input.after ?? 0) : readCursor(z.number().int(), input.cursor)
  const where: Clause[] = []
  if (input.type !== undefined) where.push({ attribute: 'type', in: [input.type] })
  if (input.correlation !== undefined) where.push({ attribute: 'correlation_id', in: [input.correlation] })
  if (input.subject !== undefined) where.push({ attribute: 'subject', in: [input.subject] })
  const found = await log.query(
    tenant,
    { filter: { after, where }, by: 'position', direction: 'asc', limit: input.limit + 1 },
    10_000,
  )
  const items = found.slice(0, input.limit)
  const last = items.at(-1)
  return {
    items: items.map(storedRecord),
    ...(found.length > input.limit && last !== undefined ? { nextCursor: writeCursor(last.position) } : {}),
  }
}
