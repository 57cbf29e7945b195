import type { LogShape } from '../../ports/log.ts'

/** What the records log can be asked by. The table and columns are those of the hosted schema. */
export const recordsShape: LogShape = {
  name: 'records',
  table: 'console_core_records',
  columns: {
    schema: { type: 'text', required: true },
    type: { type: 'text', required: true },
    product: { type: 'text', required: true },
    producer_id: { type: 'text', required: true },
    tier: { type: 'text', required: true },
    subject: { type: 'text' },
    correlation_id: { type: 'text' },
  },
  open: false,
  indexes: [
    ['subject', 'position'],
    ['correlation_id', 'position'],
    ['type', 'position'],
    ['received_at', 'position'],
  ],
  chained: false,
}
